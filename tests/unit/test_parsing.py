"""Every JSON reader of the game goes through one function, and it raises one kind of error."""

from __future__ import annotations

import re

import pytest

from pydoom import parsing
from tests.conftest import ROOT


@pytest.mark.parametrize("text", [b"", b"{", b"\xff", b"[" * 100_000, b'{"a":' * 50_000, b"1" * 5000, "nonsense"])
def test_whatever_is_no_json_is_a_value_error(text: str | bytes) -> None:
    with pytest.raises(ValueError):
        parsing.json_value(text)


@pytest.mark.parametrize("package", ["pydoom", "hostbridge"])
def test_no_module_but_the_parsers_reads_json_by_itself(package: str) -> None:
    readers = [
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / package).rglob("*.py")
        if re.search(r"\bjson\.loads?\(", path.read_text(encoding="utf-8"))
    ]
    assert readers == [f"{package}/parsing.py"]
