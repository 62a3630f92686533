"""docs/security.md: every threat names the tests that show its measure, and they exist."""

import re

from tests.conftest import ROOT

PAGE = (ROOT / "docs" / "security.md").read_text()


def test_every_threat_is_shown_by_tests_that_exist() -> None:
    tables = PAGE.split("| threat | measure | shown by |\n")[1:]
    rows = [row for table in tables for row in table.partition("\n\n")[0].splitlines()[1:]]
    assert len(rows) > 20
    for row in rows:
        *_, shown_by = row.strip("| ").split(" | ")
        named = re.findall(r"`((?:unit|e2e)/test_\w+\.py)`", shown_by)
        assert named, row
        for path in named:
            assert (ROOT / "tests" / path).is_file(), path
