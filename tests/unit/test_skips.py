"""Where skipping is forbidden, whatever is skipped fails: a test, or a whole module before it has any."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

from tests.conftest import ROOT

SKIPPED = {
    "test_call.py": "import pytest\ndef test_it(): pytest.skip('no call')\n",
    "test_mark.py": "import pytest\n@pytest.mark.skipif(True, reason='no mark')\ndef test_it(): pass\n",
    "test_module.py": "import pytest\npytest.skip('no module', allow_module_level=True)\n",
}


def run(folder: Path, **environment: str) -> str:
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-p", "tests.conftest", str(folder)]
    kept = {name: value for name, value in os.environ.items() if name != "PYDOOM_FORBID_SKIPS"}
    done = subprocess.run(
        [*command, "-rs", "--continue-on-collection-errors"], cwd=ROOT, env=kept | environment, capture_output=True
    )
    return done.stdout.decode()


def test_whatever_is_skipped_fails_where_skipping_is_forbidden(tmp_path: Path) -> None:
    for name, text in SKIPPED.items():
        (tmp_path / name).write_text(text)
    assert re.search(r"=== 3 skipped in .*s ===", run(tmp_path))
    forbidden = run(tmp_path, PYDOOM_FORBID_SKIPS="1")
    assert re.search(r"=== 1 failed, 2 errors in .*s ===", forbidden)
    for what in ("call", "mark", "module"):
        assert re.search(f"skipping is forbidden here: (Skipped: )?no {what}", forbidden)
