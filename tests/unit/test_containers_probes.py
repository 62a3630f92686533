"""Failing probes on the screen: red as long as they fail, in every view, never over anything else."""

from __future__ import annotations

import json
from itertools import combinations

import numpy as np
import pytest

from pydoom.containers.fleet.words import probe_forms
from pydoom.containers.link.events import Connected, Disconnected, Listed, ProbeNews
from pydoom.containers.link.wire import EventReader
from pydoom.containers.picture.overlay import OpenPage
from pydoom.containers.picture.probelines import MOST_LINES, draw_probe_lines, probe_line, probe_lines
from pydoom.containers.picture.text import GREY, RED, OutlinedText
from pydoom.game.displays import Displays
from pydoom.game.events import KEY_TAB, KeyEvent
from pydoom.screens.automap import Automap
from pydoom.screens.border import view_window
from pydoom.screens.font import Font
from pydoom.screens.statusbar import StatusBar
from pydoom.wad import Assets
from tests.unit.containerplay import Play

NOTHING = 1
FAILING = ProbeNews("checkout", "failing", "503")
REDS = range(RED, RED + 6)


@pytest.fixture
def play(assets: Assets) -> Play:
    play = Play(assets, displays=Displays(automap=Automap(assets, StatusBar(assets))))
    play.overlay.hints.settings.show_hints = False
    return play


@pytest.fixture
def text(assets: Assets) -> OutlinedText:
    return OutlinedText(Font(assets))


def drawn(play: Play, screenblocks: int = 10) -> np.ndarray:
    frame = np.full((200, 320), NOTHING, np.uint8)
    play.layer.draw_overlay(play.session, frame, view_window(screenblocks))
    return frame


def is_red(part: np.ndarray) -> bool:
    return bool(np.isin(part, REDS).any())


def test_failing_probe_is_red_until_it_is_up_again(play: Play) -> None:
    before = drawn(play)
    play.tell(FAILING)
    assert is_red(drawn(play)[:30, :160])
    play.tell(ProbeNews("checkout", "failing", "timeout"))
    play.tell(ProbeNews("checkout", "up", "200"))
    assert (drawn(play) == before).all()
    play.run(60)
    assert play.said[-2:] == ["checkout fails: 503", "checkout is well again"], "not each reason is a message"


def test_probe_that_nobody_asks_is_grey(play: Play) -> None:
    play.tell(ProbeNews("checkout", "unknown", "no helper"))
    frame = drawn(play)
    assert np.isin(frame[:30, :160], range(GREY, GREY + 6)).any()
    assert not is_red(frame[:30, :160])
    assert probe_forms(ProbeNews("checkout", "unknown", "no helper"))[0] == "CHECKOUT: UNKNOWN"


def test_probes_are_forgotten_with_their_bridge(play: Play) -> None:
    play.tell(FAILING)
    play.tell(Disconnected("gone"))
    assert not is_red(drawn(play)[:30, :160])
    play.tell(Connected())
    assert not is_red(drawn(play)[:30, :160])


@pytest.mark.parametrize("screenblocks", range(3, 12))
def test_lines_are_whole_in_every_view(text: OutlinedText, screenblocks: int) -> None:
    window = view_window(screenblocks)
    probes = [ProbeNews(f"a-name-of-{number}-characters", "failing", "address forbidden") for number in range(9)]
    for count in range(10):
        frame = np.full((200, 320), NOTHING, np.uint8)
        boxes = draw_probe_lines(frame, window, text, probes[:count])
        assert len(boxes) == min(count, MOST_LINES if screenblocks >= 5 else 1)
        assert not any(one.overlaps(other) for one, other in combinations(boxes, 2))
        covered = np.zeros((200, 320), bool)
        for box in boxes:
            assert box.top >= max(window.y, 9)
            assert box.bottom <= window.y + window.height // 2
            covered[box.top : box.bottom, box.left : box.right] = True
            assert box.right <= window.x + window.width
        assert not (frame != NOTHING)[~covered].any()


def test_more_than_fit_are_counted(text: OutlinedText) -> None:
    probes = [ProbeNews(f"shop-{number}", "failing", "503") for number in range(6)]
    assert [words for words, _ in probe_lines(300, text, probes)] == [
        *("SHOP-0: 503", "SHOP-1: 503", "SHOP-2: 503", "3 MORE"),
    ]
    assert probe_line(300, text, probes) == ("6 PROBES FAIL", RED)
    assert probe_line(300, text, [FAILING, ProbeNews("web", "unknown")]) == ("CHECKOUT: 503", RED)


def test_pages_and_automap_say_it_too(play: Play) -> None:
    play.tell(Listed(()))
    for page in (OpenPage.LIST, OpenPage.HELP):
        play.overlay.page = page
        before = drawn(play)
        play.tell(FAILING)
        changed = drawn(play) != before
        assert changed[150:168, :160].any()
        assert not changed[:150].any()
        play.tell(ProbeNews("checkout", "up"))
    play.overlay.page = OpenPage.NONE
    play.session.responder(KeyEvent(KEY_TAB, True))
    assert play.session.displays.automap.active
    play.tell(FAILING)
    assert is_red(drawn(play)[:30, :160])


def test_output_below_the_frame_says_it_too(play: Play) -> None:
    play.tell(FAILING, ProbeNews("web", "unknown"))
    assert play.layer.summary() == "0 containers (waiting for bridge, checkout: 503)"


def read(**message: object) -> list[object]:
    return list(EventReader().feed(json.dumps({"type": "probe", **message}).encode() + b"\n"))


def test_events_of_the_bridge_are_read() -> None:
    assert read(name="checkout", state="failing", reason="503", since=1.5) == [FAILING]
    assert read(name="checkout", state="up") == [ProbeNews("checkout", "up", "")]
    assert read(name="checkout") == []
    (long,) = read(name="x" * 1000, state="y" * 1000, reason="z" * 1000)
    assert isinstance(long, ProbeNews)
    assert (len(long.name), len(long.state), len(long.reason)) == (300, 16, 300)


def test_bridge_that_names_endless_probes_is_bounded(play: Play) -> None:
    play.tell(*(ProbeNews(str(number), "failing", "503") for number in range(1000)))
    drawn(play)
    assert play.layer.summary().count(": 503") == 64
