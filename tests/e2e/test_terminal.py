"""Terminal play under tmux: a real terminal that can be asked what is on it."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

pytestmark = pytest.mark.e2e

COLUMNS, ROWS = 160, 50


class Tmux:
    """One tmux server with one window, which runs a shell."""

    def __init__(self, socket: Path) -> None:
        self._socket = str(socket)
        self._run(
            "-f",
            "/dev/null",
            "new-session",
            "-d",
            "-x",
            str(COLUMNS),
            "-y",
            str(ROWS),
            "env PS1='ready> ' COLORTERM=truecolor sh",
        )

    def _run(self, *arguments: str) -> str:
        command = ["tmux", "-S", self._socket, *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout

    def keys(self, *names: str) -> None:
        self._run("send-keys", *names)

    def resize(self, columns: int, rows: int) -> None:
        self._run("resize-window", "-x", str(columns), "-y", str(rows))

    def text(self) -> list[str]:
        return self._run("capture-pane", "-p").removesuffix("\n").split("\n")

    def coloured(self) -> str:
        return self._run("capture-pane", "-p", "-e")

    def game_id(self) -> int:
        """The process of the game."""
        shell = self._run("display-message", "-p", "#{pane_pid}").strip()
        return int(subprocess.run(["pgrep", "-P", shell], capture_output=True, text=True, check=True).stdout.split()[0])

    def wait(self, true: Callable[[], bool], what: str, seconds: float = 40) -> None:
        until = time.monotonic() + seconds
        while not true():
            assert time.monotonic() < until, f"{what} did not happen; on the screen:\n" + "\n".join(self.text())
            time.sleep(0.1)

    def close(self) -> None:
        self._run("kill-server")


@pytest.fixture
def tmux(tmp_path: Path) -> Iterator[Tmux]:
    if shutil.which("tmux") is None:
        pytest.skip("tmux is not installed (apt-get install tmux)")
    server = Tmux(tmp_path / "tmux")
    yield server
    server.close()


@pytest.fixture
def playing(tmux: Tmux, tmp_path: Path, wad_path: Path) -> Tmux:
    """The game in E1M1 among simulated containers, after its first frame."""
    flags = ["--terminal", "--nosound", "--no-config", "--warp", "E1M1", "--bridge", "simulated?fleet=3&churn=0"]
    command = [sys.executable, "-m", "pydoom", "--wad", str(wad_path), "--save-folder", str(tmp_path), *flags]
    tmux.wait(lambda: any("ready>" in line for line in tmux.text()), "a prompt")
    tmux.keys(shlex.join(command), "Enter")
    tmux.wait(lambda: blocks(tmux) > 1000, "a frame")
    return tmux


def blocks(tmux: Tmux) -> int:
    return sum(line.count("▀") for line in tmux.text())


def cells(tmux: Tmux) -> list[str]:
    """The frame's upper rows, with colours: what walking changes."""
    return tmux.coloured().split("\n")[: ROWS - 12]


def quit_with_ctrl_c(tmux: Tmux) -> None:
    tmux.keys("C-c")
    tmux.wait(lambda: any("ready>" in line for line in tmux.text()), "the prompt")


def test_the_frame_is_coloured_half_blocks_above_a_status_line(playing: Tmux) -> None:
    assert len(set(re.findall(r"[34]8[;:]2[;::]+[\d;:]+", playing.coloured()))) > 100
    playing.wait(lambda: playing.text()[-1].startswith("3 containers: "), "the status line")
    quit_with_ctrl_c(playing)


def test_keys_move_the_view(playing: Tmux) -> None:
    time.sleep(3)  # until the weapon is up and the melt over
    before = cells(playing)
    for _ in range(10):
        playing.keys("Right")
        time.sleep(0.05)
    playing.wait(lambda: sum(a != b for a, b in zip(before, cells(playing), strict=False)) > 20, "a turn")
    quit_with_ctrl_c(playing)


def test_the_frame_follows_the_terminal_s_size(playing: Tmux) -> None:
    playing.resize(100, 30)
    playing.wait(lambda: len(playing.text()) == 30 and playing.text()[-1].startswith("3 containers: "), "a status line")
    playing.wait(lambda: blocks(playing) > 400, "a frame")
    assert max(len(line) for line in playing.text()) <= 100
    quit_with_ctrl_c(playing)


def test_sigterm_restores_the_terminal(playing: Tmux) -> None:
    os.kill(playing.game_id(), signal.SIGTERM)
    playing.wait(lambda: any("ready>" in line for line in playing.text()), "the prompt")
    assert blocks(playing) == 0
    playing.keys("stty -a; echo visib''le", "Enter")
    playing.wait(lambda: any("visible" in line for line in playing.text()), "an echo")
    settings = " ".join(playing.text())
    assert " icanon" in settings and " echo " in settings


def test_ctrl_z_gives_the_terminal_to_the_shell_until_fg(playing: Tmux) -> None:
    for _ in range(2):
        playing.keys("C-z")
        playing.wait(lambda: playing.text()[-1] == "" and blocks(playing) == 0, "the shell's screen")
        playing.keys("echo he''re", "Enter")
        playing.wait(lambda: any("here" in line for line in playing.text()), "an echo: the shell has the terminal")
        playing.keys("fg", "Enter")
        playing.wait(lambda: blocks(playing) > 1000, "the frame again")
        playing.wait(lambda: playing.text()[-1].startswith("3 containers: "), "the status line again")
    quit_with_ctrl_c(playing)
    assert not any("0n" in line for line in playing.text()), "no answer of the terminal was left to the shell"


def test_a_crash_restores_the_terminal_and_shows_its_error(tmux: Tmux, tmp_path: Path, wad_path: Path) -> None:
    program = tmp_path / "crash.py"
    program.write_text(
        "import sys\n"
        "from pydoom.run.loop import Loop\n"
        "from pydoom.cli.main import main\n"
        "def fail(self):\n"
        "    if self.session.gametic > 70: raise RuntimeError('made to fail')\n"
        "    run_tic(self)\n"
        "run_tic, Loop._run_tic = Loop._run_tic, fail\n"
        "main()\n"
    )
    flags = ["--terminal", "--nosound", "--no-config", "--warp", "E1M1"]
    tmux.wait(lambda: any("ready>" in line for line in tmux.text()), "a prompt")
    tmux.keys(shlex.join([sys.executable, str(program), "--wad", str(wad_path), *flags]), "Enter")
    tmux.wait(lambda: blocks(tmux) > 1000, "a frame")
    tmux.wait(lambda: any("RuntimeError: made to fail" in line for line in tmux.text()), "the error")
    assert blocks(tmux) == 0
    tmux.keys("echo visib''le", "Enter")
    tmux.wait(lambda: any("visible" in line for line in tmux.text()), "an echo")


def test_a_terminal_of_text_only_is_refused_in_one_line(tmux: Tmux, wad_path: Path) -> None:
    tmux.wait(lambda: any("ready>" in line for line in tmux.text()), "a prompt")
    command = [sys.executable, "-m", "pydoom", "--wad", str(wad_path), "--terminal", "--nosound", "--no-config"]
    tmux.keys("TERM=dumb " + shlex.join(command), "Enter")
    tmux.wait(lambda: any("TERM is dumb" in line for line in tmux.text()), "the refusal")
    assert blocks(tmux) == 0


def test_redirected_output_is_refused_in_one_line(wad_path: Path) -> None:
    command = [sys.executable, "-m", "pydoom", "--wad", str(wad_path), "--terminal", "--nosound", "--no-config"]
    result = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    assert result.returncode == 2
    assert result.stderr.count("\n") == 1
    assert "needs a terminal" in result.stderr
