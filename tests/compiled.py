"""Runs the game's tests against the compiled core, installed from a wheel as a user would::

    python tests/compiled.py [ARGUMENT OF PYTEST...]

The wheel is built with ``PYDOOM_COMPILE=1`` and goes into a virtual environment in ``build/compiled``, which takes
everything else from the one this runs in. Next to it is a copy of the repository without `pydoom` and `hostbridge`,
so that nothing but the wheel can be imported. Without arguments: unit tests and golden tests. Tests that ask
for `pure_core` are left out (`conftest.py`).
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import venv
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from hatch_build import has_compiler  # noqa: E402 - only now can it be found

PLACE: Final = ROOT / "build" / "compiled"
COPIED: Final = ("benchmarks", "docs", "tests", "tools", "wads", "README.md", "hatch_build.py", "pyproject.toml")
_ROOMS: Final = r"\.(?:api|audio|data|fleetmap|game|gym|render|run|screens|sim|wad)\b"
_GAME: Final = re.compile(rf"^\s*(?:from|import) pydoom(?:{_ROOMS}| import wad$|$)", re.MULTILINE)
"""The imports by which a unit test is recognised as one of the game's."""


def install() -> Path:
    """Build and install the wheel; returns the environment's Python."""
    shutil.rmtree(PLACE, ignore_errors=True)
    venv.create(PLACE / "venv", symlinks=True)
    python = PLACE / "venv" / "bin" / "python"
    (packages,) = (PLACE / "venv" / "lib").glob("python*/site-packages")
    ours = [path for path in sys.path if path.endswith("site-packages")]
    (packages / "dependencies.pth").write_text("".join(f"{path}\n" for path in ours))
    pip = [sys.executable, "-m", "pip", "--python", str(python), "install", "--quiet", "--no-deps"]
    subprocess.run([*pip, "--no-build-isolation", str(ROOT)], check=True, env={**os.environ, "PYDOOM_COMPILE": "1"})
    return python


def copy() -> None:
    """Copy the tests and everything they need."""
    for name in COPIED:
        source, copied = ROOT / name, PLACE / name
        if source.is_dir():
            shutil.copytree(source, copied, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy2(source, copied)


def files() -> list[str]:
    """The test files that concern the game, relative to the root."""
    unit = [path for path in (ROOT / "tests" / "unit").glob("test_*.py") if _GAME.search(path.read_text())]
    return [path.relative_to(ROOT).as_posix() for path in sorted(unit)] + ["tests/golden"]


def main(arguments: list[str]) -> int:
    """Install, copy, and run pytest; its exit status."""
    if not has_compiler():
        print("The compiled core is not tested: there is no C compiler or no Python.h here.", file=sys.stderr)
        return 1 if os.environ.get("PYDOOM_FORBID_SKIPS") else 0
    python = install()
    copy()
    told = subprocess.run([python, "-m", "pydoom", "--version"], cwd=PLACE, capture_output=True, text=True, check=True)
    if "compiled core" not in told.stdout:
        print(f"the wheel has no compiled core: {told.stdout}", file=sys.stderr)
        return 1
    command = [str(python), "-m", "pytest", *(arguments or [*files(), "-n", "2"])]
    return subprocess.run(command, cwd=PLACE).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
