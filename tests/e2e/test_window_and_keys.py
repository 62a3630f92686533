"""The game in a real window: full screen and back, keyboards of several countries, held keys, the numeric keypad."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from pydoom.game import dsg
from tests.e2e.desktop import desktop, tics
from tests.e2e.vnc import wait_for

pytestmark = pytest.mark.e2e

IDKFA = {"fr": "i d k f q", "de": "i d k f a", "ru": "i d k f a"}
"""The positions of the cheat's letters: a French keyboard has A where a US one has Q."""
YES = {"fr": "y", "de": "z", "ru": "y"}


def seen(trace: Path, what: Callable[[dict[str, str]], bool]) -> bool:
    return any(what(row) for row in tics(trace))


@pytest.mark.parametrize("window_manager", ["openbox", ""])
@pytest.mark.parametrize("words", [(), ("--borderless",)], ids=["frame", "borderless"])
def test_alt_enter_twice_restores_the_window_and_prints_nothing(
    wad_path: Path, tmp_path: Path, window_manager: str, words: tuple[str, ...]
) -> None:
    with desktop(window_manager=window_manager) as display:
        with display.game(tmp_path, "--wad", str(wad_path), *words):
            window = display.windows()[-1]
            display.run("xdotool", "windowmove", "--sync", window, "200", "120")
            if not words:
                display.run("xdotool", "windowsize", window, "700", "500")
                wait_for("the new size", lambda: display.geometry()[2:] == (700, 500))
            time.sleep(0.5)
            before = display.geometry()
            for _ in range(3):
                display.hold("Alt Enter", 0.6)  # held for longer than it takes to repeat
                wait_for("full screen", lambda: display.geometry() == (0, 0, 1280, 1024))
                display.hold("Alt Enter", 0.1)
                wait_for("the window", lambda: display.geometry() == before)
        assert (tmp_path / "output").read_text() == ""


@pytest.mark.parametrize("layout", ["fr", "de", "ru"])
def test_keyboards_of_other_countries_walk_by_place_and_type_by_letter(
    wad_path: Path, tmp_path: Path, layout: str
) -> None:
    trace = tmp_path / "trace"
    with desktop() as display:
        display.use_layout(layout)
        with display.game(tmp_path, "--wad", str(wad_path), "--warp", "E1M1", "--trace", str(trace)) as game:
            wait_for("the level", lambda: len(tics(trace)) > 35)
            display.hold("w", 0.5)
            display.hold("a", 0.3)
            display.press(IDKFA[layout])
            wait_for("the cheat", lambda: seen(trace, lambda row: row["ammo0"] == "200"))
            display.press("1")
            wait_for("the chainsaw", lambda: seen(trace, lambda row: row["readyweapon"] == "7"))
            display.press("F10")
            display.press(YES[layout])
            wait_for("the end", lambda: game.poll() == 0)
        assert seen(trace, lambda row: int(row["fwd"]) > 0)
        assert seen(trace, lambda row: int(row["side"]) < 0)


def test_held_keys_repeat_in_the_names_of_saved_games_and_nowhere_in_a_level(wad_path: Path, tmp_path: Path) -> None:
    saves = tmp_path / "saves"
    with desktop() as display:
        display.use_layout("fr")
        with display.game(tmp_path, "--wad", str(wad_path), "--warp", "E1M1", "--save-folder", str(saves)):
            time.sleep(2)
            display.press("F2 Enter")
            display.hold("q", 1.2)
            display.press("KP8 Enter")
            file = wait_for("the saved game", lambda: next(saves.rglob("*.dsg"), None))
            name = wait_for("its name", lambda: dsg.read_description(file.read_bytes()[:24]))
    assert name.startswith("AAAA")


def test_the_numeric_keypad_walks_as_in_the_original_and_can_be_bound(wad_path: Path, tmp_path: Path) -> None:
    trace = tmp_path / "trace"
    flags = ("--warp", "E1M1", "--trace", str(trace), "--key-fire", "kp_5")
    with desktop() as display, display.game(tmp_path, "--wad", str(wad_path), *flags):
        wait_for("the level", lambda: len(tics(trace)) > 35)
        display.hold("KP8", 0.4)
        display.hold("KP4", 0.4)
        display.hold("KP5", 0.4)
        wait_for("walking", lambda: seen(trace, lambda row: int(row["fwd"]) > 0))
        wait_for("turning", lambda: seen(trace, lambda row: int(row["turn"]) > 0))
        wait_for("firing", lambda: seen(trace, lambda row: int(row["buttons"]) & 1 == 1))
