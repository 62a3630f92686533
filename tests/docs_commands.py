"""The shell commands of README.md and docs/: every ```sh and ```console block, and how a test runs it.

A block runs to its end and has to succeed, unless `EXCEPTIONS` knows better.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.conftest import ROOT

_BLOCK: Final = re.compile(r"^```(?:sh|console|bash)[^\n]*\n(.*?)^```", re.MULTILINE | re.DOTALL)
_OURS: Final = ("README.md", "docs", "Makefile", "benchmarks", "compose.demo.yaml", "compose.yaml", "Dockerfile")
_CODE: Final = (
    *("hostbridge", "pydoom", "pyproject.toml", "hatch_build.py", "tests", "wads", "LICENSE", ".git", ".dockerignore"),
)


@dataclass(frozen=True, slots=True)
class Until:
    """A command that runs until stopped: once it has printed `text`, or after `seconds` if that is empty."""

    text: str
    seconds: float = 3.0
    needs_docker: bool = False
    in_terminal: bool = False


@dataclass(frozen=True, slots=True)
class Ends:
    """A command that ends by itself, and must succeed."""

    needs_docker: bool = False


@dataclass(frozen=True, slots=True)
class RunBy:
    """A command that another file runs: it must contain it word for word."""

    file: str


LISTENING: Final = Until("listening on", 30, needs_docker=True)
EXCEPTIONS: Final[dict[str, Until | Ends | RunBy]] = {
    "docker compose up --build": Until("browser page on", 300, needs_docker=True),
    "PYDOOM_DRY_RUN=1 PYDOOM_POLICY=./docs/policy.toml docker compose up --build": Until(
        "browser page on", 300, needs_docker=True
    ),
    "docker compose --profile metrics up --build": Until("browser page on", 300, needs_docker=True),
    "docker compose -f compose.yaml -f compose.demo.yaml up --build": Until("browser page on", 300, needs_docker=True),
    "PYDOOM_DRY_RUN=1 PYDOOM_POLICY=./docs/gameday/policy.toml docker compose up --build": Until(
        "browser page on", 300, needs_docker=True
    ),
    "PYDOOM_POLICY=./docs/gameday/policy.toml docker compose up --build": Until(
        "browser page on", 300, needs_docker=True
    ),
    "docker compose -f docs/gameday/compose.yaml up -d": Ends(needs_docker=True),
    "docker compose run --rm --no-deps bridge report --since 1h\n"
    "docker compose run --rm --no-deps bridge report --since 1h --format html > /tmp/gameday.html": Ends(
        needs_docker=True
    ),
    "docker compose down -v\ndocker compose -f docs/gameday/compose.yaml down": Ends(needs_docker=True),
    "hostbridge policy check --policy docs/gameday/policy.toml": Ends(needs_docker=True),
    "hostbridge policy check --policy docs/policy.toml": Ends(needs_docker=True),
    "hostbridge probe --check --policy policy.toml": RunBy("tests/e2e/test_probes.py"),
    "PYDOOM_POLICY=./policy.toml PROBE_NETWORK=shop_default docker compose --profile probes up --build": RunBy(
        "tests/e2e/test_probes.py"
    ),
    "make dist": RunBy("tests/e2e/test_packaging.py"),
    "make lock": RunBy("tests/e2e/test_images.py"),
    "make sbom": Ends(needs_docker=True),
    "make test": RunBy(".ci/run"),
    "make play": Until("", 3),
    "python -m pydoom": Until("", 3),
    "python -m pydoom --bridge simulated": Until("", 4),
    "python -m pydoom --bridge simulated --map fleet": Until("", 4),
    "python -m pydoom --warp E1M3 --skill 4": Until("", 3),
    "python -m pydoom --terminal": Until("", 4, in_terminal=True),
    "python -m pydoom.kiosk --vnc-port 5911 --web-port 6081 -- --bridge simulated": Until("VNC on port 5911", 60),
}
"""Commands that are not simply run to their end; `hostbridge` with flags serves until it is stopped, too."""


_PROGRAMS: Final = {
    r"\bnc -U\b": ("nc",),
    r"^make play$|\bpydoom\.kiosk\b": ("Xvfb", "x11vnc"),
    r"^tmux\b": ("tmux",),
    r"^git\b": ("git",),
}
"""Programs that a machine may lack, by the text of the commands that call them."""


@dataclass(frozen=True, slots=True)
class Command:
    """One block: its place and its text."""

    file: str
    line: int
    text: str

    @property
    def way(self) -> Until | Ends | RunBy:
        """How to run it."""
        if self.text.startswith("hostbridge -"):
            return LISTENING if "--backend" not in self.text else Until("listening on", 30)
        return EXCEPTIONS.get(self.text, Ends())

    @property
    def needs_docker(self) -> bool:
        """Whether it talks to a Docker engine."""
        return not isinstance(self.way, RunBy) and self.way.needs_docker

    @property
    def lacking(self) -> list[str]:
        """The programs it calls that are not on this machine."""
        called = [each for pattern, each in _PROGRAMS.items() if re.search(pattern, self.text, re.MULTILINE)]
        if isinstance(self.way, Until) and self.way.in_terminal:
            called.append(("script",))
        return [program for programs in called for program in programs if shutil.which(program) is None]

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


def all_commands() -> list[Command]:
    """Every block of the README and the docs."""
    found = []
    for path in (ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))):
        text = path.read_text(encoding="utf-8")
        for match in _BLOCK.finditer(text):
            line = text.count("\n", 0, match.start()) + 2
            found.append(Command(str(path.relative_to(ROOT)), line, match[1].strip()))
    return found


def workplace(folder: Path) -> Path:
    """A folder that looks like a clone of the repository; commands leave nothing in the real one."""
    place = folder / "clone"
    place.mkdir()
    for name in (*_OURS, *_CODE):
        (place / name).symlink_to(ROOT / name)
    return place


def environment(folder: Path) -> dict[str, str]:
    """The environment of an activated virtual environment with an empty home; windows and sound are dummies."""
    home = folder / "home"
    runtime = folder / "run"
    home.mkdir()
    runtime.mkdir(mode=0o700)
    return os.environ | {
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "HOME": str(home),
        "XDG_RUNTIME_DIR": str(runtime),
        "SDL_VIDEODRIVER": "dummy",
        "SDL_AUDIODRIVER": "dummy",
        "TMPDIR": str(runtime),
    }


def run(command: Command, folder: Path, place: Path, env: dict[str, str], seconds: float = 120) -> None:
    """Run the block, and assert that it did what it should."""
    way = command.way
    if isinstance(way, RunBy):
        assert command.text in (ROOT / way.file).read_text(), f"{way.file} does not run {command.text!r}"
        return
    line = ["bash", "-euc", command.text]
    if isinstance(way, Until) and way.in_terminal:
        line = ["script", "-qefc", command.text, os.devnull]
    output = folder / "output"
    with output.open("wb") as sink:
        process = subprocess.Popen(
            line,
            cwd=place,
            env=env,
            stdin=subprocess.PIPE,
            stdout=sink,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        if isinstance(way, Ends):
            status = process.wait(seconds)
            assert status == 0, f"{command.text}\n{output.read_text(errors='replace')}"
        else:
            _wait_until(way, process, output, command)
    finally:
        _stop(process)


def _wait_until(way: Until, process: subprocess.Popen[bytes], output: Path, command: Command) -> None:
    deadline = time.monotonic() + way.seconds
    while time.monotonic() < deadline:
        said = output.read_text(errors="replace")
        assert process.poll() is None, f"{command.text} ended with status {process.returncode}:\n{said}"
        if way.text and way.text in said:
            return
        time.sleep(0.1)
    assert not way.text, f"{command.text} did not say {way.text!r} in {way.seconds:.0f} s:\n{said}"


def _stop(process: subprocess.Popen[bytes]) -> None:
    for number in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(process.pid, number)
        except ProcessLookupError:
            return
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            continue
