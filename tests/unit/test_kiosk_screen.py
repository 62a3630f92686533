"""Starting the virtual screen, with programs that pretend to be Xvfb."""

from __future__ import annotations

from pathlib import Path

import pytest

from pydoom.kiosk import screen
from pydoom.kiosk.errors import KioskError
from pydoom.kiosk.screen import start_xvfb


def pretend(folder: Path, monkeypatch: pytest.MonkeyPatch, script: str) -> Path:
    """Put a shell script in Xvfb's place, whose second argument is the descriptor to write its number to."""
    program = folder / "bin" / "Xvfb"
    program.parent.mkdir()
    program.write_text(f"#!/bin/bash\n{script}\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:/usr/bin:/bin")
    monkeypatch.setattr(screen, "_START_SECONDS", 0.5)
    return folder


@pytest.mark.parametrize(
    "script",
    [
        "exec sleep 60",
        "printf 7 >&$2; exec sleep 60",  # and never ends the line
        "while printf 9 >&$2; do sleep 0.02; done",
        "echo seven >&$2; exec sleep 60",
        "exit 1",
    ],
)
def test_screen_that_does_not_start_is_one_line(script: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(KioskError, match="Xvfb did not start"):
        start_xvfb(640, 400, pretend(tmp_path, monkeypatch, script))


def test_display_may_arrive_in_pieces(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = pretend(tmp_path, monkeypatch, "printf 1 >&$2; sleep 0.1; printf '2\\n' >&$2; exec sleep 60")
    started = start_xvfb(640, 400, folder)
    assert started.display == ":12"
    started.process.kill()
    started.process.wait()
