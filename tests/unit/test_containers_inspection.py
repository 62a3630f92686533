"""What is known about the container aimed at: asked for politely, shown in every view, never over anything else."""

from __future__ import annotations

import time
from dataclasses import replace
from itertools import combinations, product

import numpy as np
import pytest

from pydoom.containers.fleet import inspector as inspecting
from pydoom.containers.fleet.inspector import INSPECT, LOGS, Inspector
from pydoom.containers.fleet.lifecycle import Phase
from pydoom.containers.fleet.roster import Entry
from pydoom.containers.link.events import (
    Ask,
    Connected,
    ContainerInfo,
    Disconnected,
    Inspected,
    KillMeaning,
    LinesRead,
    Listed,
    NotTold,
    ProbeNews,
    Removed,
    Suffering,
)
from pydoom.containers.picture.figures import Figure, figures_of, lay_out, ports_forms, size
from pydoom.containers.picture.labels import break_name
from pydoom.containers.picture.listpage import LOG_ROWS, ROWS, log_rows
from pydoom.containers.picture.overlay import OpenPage
from pydoom.containers.picture.screen import Box
from pydoom.containers.picture.text import GREEN, GREY, RED, WHITE, OutlinedText
from pydoom.game.displays import Displays
from pydoom.game.events import KEY_PGDN, KEY_TAB, KeyEvent
from pydoom.screens.automap import Automap
from pydoom.screens.border import ViewWindow, view_window
from pydoom.screens.font import Font
from pydoom.screens.statusbar import StatusBar
from pydoom.screens.video import Frame
from pydoom.wad import Assets
from tests.unit.containerplay import Play
from tests.unit.test_containers_picture import look, stand

ASKED = Connected(inspect=True, logs=True)
LONG = "payments-gateway-frontend-with-a-very-long-name-in-europe-west-1"


def entry(container_id: str = "a", **known: object) -> Entry:
    return Entry(replace(ContainerInfo(container_id, "web"), **known), Phase.ALIVE)  # type: ignore[arg-type]


class Asking:
    """An inspector, and what it has asked."""

    def __init__(self, connected: Connected = ASKED) -> None:
        self.asked: list[tuple[str, str]] = []
        self.inspector = Inspector(lambda container_id, request: self.asked.append((container_id, request)))
        self.inspector.connected(connected)

    def run(self, tics: int, subject: Entry | None, lines: bool = False) -> None:
        for _ in range(tics):
            if subject is not None:
                self.inspector.look_at(subject, lines)
            self.inspector.tick()


class TestInspector:
    def test_it_asks_in_the_tic_after_the_first_look(self) -> None:
        asking = Asking()
        asking.run(1, entry())
        assert asking.asked == [("a", INSPECT)]
        assert asking.inspector.facts("a") is None

    def test_it_asks_one_question_at_a_time(self) -> None:
        asking = Asking()
        asking.run(100, entry("a"), lines=True)
        asking.run(100, entry("b"))
        assert asking.asked == [("a", INSPECT)]
        asking.inspector.hear(Inspected("a", memory=7))
        asking.run(1, entry("b"))
        assert asking.asked[1:] == [("b", INSPECT)]

    def test_a_sweep_over_a_crowd_asks_about_few(self) -> None:
        asking = Asking()
        for number in range(35):
            asking.run(1, entry(str(number)))
            asking.inspector.hear(Inspected(str(number)))
        assert len(asking.asked) <= 35 / inspecting.PACE_TICS + 1

    def test_what_stays_aimed_at_is_asked_about_again_soon_for_its_cpu_use_and_then_now_and_then(self) -> None:
        asking = Asking()
        for _ in range(300):
            asking.run(1, entry())
            asking.inspector.hear(Inspected("a", cpus=0.5))
        assert 4 <= len(asking.asked) <= 6
        assert asking.inspector.facts("a") == Inspected("a", cpus=0.5)

    def test_lines_are_asked_for_only_where_they_are_shown_and_allowed(self) -> None:
        asking = Asking()
        asking.run(10, entry(), lines=True)
        asking.inspector.hear(Inspected("a"))
        asking.run(10, entry(), lines=True)
        assert asking.asked == [("a", INSPECT), ("a", LOGS)]
        asking.inspector.hear(LinesRead("a", ("one", "two")))
        assert asking.inspector.lines("a") == ("one", "two")
        only_lines = Asking(Connected(logs=True))
        only_lines.run(10, entry())
        assert not only_lines.asked
        only_lines.run(1, entry(), lines=True)
        assert only_lines.asked == [("a", LOGS)]

    @pytest.mark.parametrize("connected", [Connected(), Connected(text_only=True)])
    def test_a_bridge_that_answers_no_questions_is_asked_none(self, connected: Connected) -> None:
        asking = Asking(connected)
        asking.run(50, entry(), lines=True)
        assert not asking.asked

    def test_what_is_in_sight_is_asked_about_before_it_is_aimed_at(self) -> None:
        asking, crowd = Asking(), [entry(each) for each in "abc"]
        for _ in range(4 * inspecting.GLIMPSE_PACE_TICS):
            asking.inspector.glimpse(crowd)
            asking.run(1, None)
            if asking.inspector._asked is not None:
                asking.inspector.hear(Inspected(asking.inspector._asked[0], cpus=0.1))
        assert asking.asked == [("a", INSPECT), ("b", INSPECT), ("c", INSPECT)]
        assert asking.inspector.facts("c") is not None
        asking.inspector.glimpse([])
        asking.run(inspecting.REPEAT_TICS, None)
        asking.inspector.glimpse(crowd)
        asking.run(1, entry("c"))
        assert asking.asked[3:] == [("c", INSPECT)], "what is aimed at comes first"

    def test_what_is_in_sight_is_asked_about_again_until_its_cpu_use_is_known(self) -> None:
        asking = Asking()
        for _ in range(200):
            asking.inspector.glimpse([entry("a")])
            asking.run(1, None)
            if asking.inspector._asked is not None:
                asking.inspector.hear(Inspected("a", cpus=0.1 if len(asking.asked) > 1 else None))
        assert len(asking.asked) == 2

    def test_it_asks_nothing_when_no_frame_shows_the_container_any_more(self) -> None:
        asking = Asking()
        asking.run(1, entry())
        asking.inspector.hear(Inspected("a"))
        asking.run(500, None)
        assert len(asking.asked) <= 2
        assert asking.inspector.facts("a") is None, "too old"

    def test_it_does_not_ask_about_what_is_gone(self) -> None:
        asking = Asking()
        gone = entry()
        gone.phase = Phase.GONE
        asking.run(50, gone)
        assert not asking.asked

    def test_a_lost_answer_is_not_awaited_forever(self) -> None:
        asking = Asking()
        asking.run(inspecting.LOST_TICS + 5, entry())
        assert len(asking.asked) == 2

    @pytest.mark.parametrize(
        ("code", "pause"),
        [("denied", inspecting.REFUSED_TICS), ("engine-down", inspecting.REPEAT_TICS), ("rate-limited", 35)],
    )
    def test_it_waits_after_a_refusal(self, code: str, pause: int) -> None:
        asking = Asking()
        asking.run(1, entry())
        asking.inspector.hear(NotTold("a", INSPECT, code))
        asking.run(pause - 2, entry())
        assert len(asking.asked) == 1
        asking.run(100, entry())
        assert len(asking.asked) == 2

    def test_answers_that_nobody_asked_for_are_ignored(self) -> None:
        asking = Asking()
        for event in (Inspected("a"), LinesRead("a", ("x",)), NotTold("a", INSPECT, "denied")):
            asking.inspector.hear(event)
        assert (asking.inspector.facts("a"), asking.inspector.lines("a")) == (None, None)
        asking.run(1, entry())
        assert asking.asked == [("a", INSPECT)]

    def test_another_bridge_is_asked_anew(self) -> None:
        asking = Asking()
        asking.run(1, entry())
        asking.inspector.disconnected()
        asking.inspector.connected(ASKED)
        asking.inspector.hear(Inspected("a", memory=1))
        assert asking.inspector.facts("a") is None
        asking.run(10, entry())
        assert len(asking.asked) == 2

    def test_few_answers_are_kept(self) -> None:
        asking = Asking()
        for number in range(1000):
            asking.run(inspecting.PACE_TICS, entry(str(number)))
            asking.inspector.hear(Inspected(str(number)))
        assert len(asking.inspector._known) <= inspecting.MOST_KEPT


class Written:
    """The boxes of all texts drawn since the last `clear`."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.texts: dict[str, Box] = {}
        usual = OutlinedText.draw

        def draw(
            text: OutlinedText, frame: Frame, window: ViewWindow, x: int, y: int, words: str, colours: int = WHITE
        ) -> None:
            self.texts[words] = Box(x, y, x + text.width(words), y + text.height)
            usual(text, frame, window, x, y, words, colours)

        monkeypatch.setattr(OutlinedText, "draw", draw)

    def inside(self, window: ViewWindow) -> bool:
        right, bottom = window.x + window.width, window.y + window.height
        return all(
            window.x <= each.left and each.right <= right and window.y <= each.top and each.bottom <= bottom
            for each in self.texts.values()
        )

    def overlaps(self) -> list[tuple[str, str]]:
        return [
            (one, other)
            for (one, first), (other, second) in combinations(self.texts.items(), 2)
            if first.overlaps(second)
        ]


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> Written:
    return Written(monkeypatch)


FACTS = Inspected(
    "id-0", time.time() - 7300, 3, 0.123, 34 << 20, 64 << 20, ("0.0.0.0:8080->80/tcp", ":::8080->80/tcp", "443/tcp")
)


@pytest.fixture
def facing(assets: Assets) -> Play:
    """The player looks at two container monsters, one behind the other, and the bridge has answered."""
    play = Play(assets, displays=Displays(automap=Automap(assets, StatusBar(assets))))
    play.tell(ASKED)
    one, two = play.fleet(2, tics=2)
    stand(play, one, 1700, -3550)
    stand(play, two, 1650, -3500)
    look(play)
    shop = {"project": "shop", "service": "web", "image": "registry.example/nginx:1.27", "health": "healthy"}
    entry = play.layer.roster.entries["id-0"]
    entry.info = replace(entry.info, **shop)  # type: ignore[arg-type]
    see(play)
    answer(play)
    return play


def answer(play: Play) -> None:
    """Answer all questions so far."""
    for _ in range(10):
        asked = [each for each in play.client.orders if isinstance(each, Ask)]
        play.client.orders.clear()
        for each in asked:
            told = replace(FACTS, id=each.id) if each.request == INSPECT else LinesRead(each.id, ("one", "two " * 99))
            play.client.news.append(told)
        play.layer.before_tic(play.session)
        look(play)
        see(play)


def see(play: Play, screenblocks: int = 10) -> np.ndarray:
    """A frame of the view with everything over it."""
    play.renderer.set_view_size(screenblocks)
    play.renderer.draw(play.world, play.world.players[0])
    frame = np.ones((200, 320), np.uint8)
    play.layer.draw_overlay(play.session, frame, view_window(screenblocks))
    return frame


class TestView:
    def test_state_health_image_service_age_use_restarts_and_ports_are_told(
        self, facing: Play, written: Written
    ) -> None:
        see(facing)
        told = " ".join(written.texts)
        for part in ("RUNNING", "HEALTHY", "nginx:1.27", "shop/web", "UP 2 HR", "CPU 12%", "34 MB", "3 ", "8080->80"):
            assert part in told, told
        assert "name-0" in told

    def test_the_list_is_told_before_the_engine_answers(self, assets: Assets, written: Written) -> None:
        play = Play(assets)
        play.tell(ASKED)
        (one,) = play.fleet(1, tics=2)
        stand(play, one, 1700, -3550)
        look(play)
        see(play)
        assert "RUNNING" in written.texts
        assert not any("CPU" in text for text in written.texts)
        play.run(1)
        assert play.client.orders == [Ask("id-0", INSPECT)]

    @pytest.mark.parametrize("connected", [Connected(), Connected(logs=True)])
    def test_nothing_is_told_that_the_policy_keeps_back(
        self, assets: Assets, written: Written, connected: Connected
    ) -> None:
        play = Play(assets)
        play.tell(connected)
        (one,) = play.fleet(1, tics=2)
        stand(play, one, 1700, -3550)
        look(play)
        see(play)
        play.run(5)
        assert "RUNNING" not in written.texts
        assert not play.client.orders

    @pytest.mark.parametrize("screenblocks", range(3, 12))
    def test_everything_is_inside_the_view_and_nothing_covers_another(
        self, facing: Play, written: Written, screenblocks: int
    ) -> None:
        entry, window = facing.layer.roster.entries["id-0"], view_window(screenblocks)
        for hints, name in product((False, True), ("web", LONG, "w" * 300)):
            facing.overlay.hints.settings.show_hints = hints
            facing.overlay.hints.show()
            facing.layer.roster.describe(entry, replace(entry.info, name=name))
            written.texts.clear()
            see(facing, screenblocks)
            assert written.inside(window), written.texts
            assert not written.overlaps(), written.overlaps()
            assert "RUNNING" in written.texts

    @pytest.mark.parametrize("screenblocks", range(8, 12))
    def test_a_long_name_is_told_in_full(self, facing: Play, written: Written, screenblocks: int) -> None:
        facing.overlay.hints.settings.show_hints = False
        entry = facing.layer.roster.entries["id-0"]
        facing.layer.roster.describe(entry, replace(entry.info, name=LONG))
        written.texts.clear()
        see(facing, screenblocks)
        assert LONG in "".join(written.texts)

    def test_a_long_protected_name_says_so_in_a_row_of_its_own(self, facing: Play, written: Written) -> None:
        facing.overlay.hints.settings.show_hints = False
        entry = facing.layer.roster.entries["id-0"]
        for name in ("a-name-as-wide-as-the-whole-view-allows", LONG):
            facing.layer.roster.describe(entry, replace(entry.info, name=name, protected=True))
            written.texts.clear()
            see(facing)
            assert any(words.endswith("(PROTECTED)") for words in written.texts), written.texts
            assert not written.overlaps(), written.overlaps()

    def test_a_name_goes_below_the_hint_rather_than_away(self, facing: Play, written: Written) -> None:
        stand(facing, facing.layer.roster.entries["id-0"].info, 1820, -3550)  # as near as its name is at the top
        facing.overlay.hints.show()
        written.texts.clear()
        see(facing)
        assert "name-0" in written.texts
        assert not written.overlaps()

    @pytest.mark.parametrize("screenblocks", range(3, 12))
    def test_probes_and_a_dry_run_leave_room_for_the_name(
        self, facing: Play, written: Written, screenblocks: int
    ) -> None:
        facing.overlay.hints.settings.show_hints = False
        facing.client.news.append(replace(ASKED, dry_run=True, meaning=KillMeaning("disconnect", 20)))
        facing.client.news += [ProbeNews(f"checkout-{each}", "failing", "connection refused") for each in range(6)]
        facing.layer.hear()
        written.texts.clear()
        see(facing, screenblocks)
        assert {"name-0", "RUNNING", "DRY RUN"} <= set(written.texts)
        assert not written.overlaps(), written.overlaps()
        assert written.inside(view_window(screenblocks)), written.texts

    def test_names_on_the_map_leave_the_probes_uncovered(
        self, facing: Play, written: Written, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        automap = facing.session.displays.automap
        assert isinstance(automap, Automap)
        facing.session.responder(KeyEvent(KEY_TAB, True))
        automap.cheating = 2
        rows = iter((20, 100))
        monkeypatch.setattr(automap, "pixel", lambda x, y: (20, next(rows)))
        facing.tell(*(ProbeNews(f"a-probe-with-a-long-name-{each}", "failing", "time-out") for each in range(6)))
        written.texts.clear()
        see(facing)
        assert not written.overlaps(), written.overlaps()
        assert sum(words.startswith("name-") for words in written.texts) == 1, "the other one is under the lines"

    def test_a_fault_is_told_instead_of_the_state(self, facing: Play, written: Written) -> None:
        entry = facing.layer.roster.entries["id-0"]
        entry.info = replace(entry.info, faults=(Suffering("throttle", time.time() + 20),))
        entry.phase = Phase.SUFFERING
        written.texts.clear()
        see(facing)
        assert "THROTTLED" in written.texts

    def test_a_key_and_a_setting_turn_it_off(self, facing: Play, written: Written) -> None:
        keys = replace(facing.overlay.hints.keys, inspect_keys=frozenset({ord("x")}))
        facing.overlay.hints.keys = keys
        facing.layer.responder(facing.session, KeyEvent(ord("x"), True))
        assert not facing.overlay.hints.settings.show_inspection
        written.texts.clear()
        see(facing)
        assert "RUNNING" not in written.texts
        assert "name-0" in written.texts
        facing.run(inspecting.GLANCE_TICS + 1)
        facing.client.orders.clear()
        facing.run(100)
        assert not facing.client.orders
        facing.layer.responder(facing.session, KeyEvent(ord("x"), True))
        see(facing)
        assert "RUNNING" in written.texts

    def test_the_figures_vanish_with_the_bridge_or_the_container(self, facing: Play, written: Written) -> None:
        facing.client.news.append(Disconnected("away"))
        facing.layer.hear()
        written.texts.clear()
        see(facing)
        assert not any("CPU" in text for text in written.texts)
        facing.client.news += [ASKED, Listed(tuple(each.info for each in facing.layer.roster.entries.values()))]
        answer(facing)
        assert any("CPU" in text for text in written.texts)
        facing.client.news.append(Removed("id-0"))
        facing.layer.hear()
        assert facing.layer.inspector.facts("id-0") is None


class TestListPage:
    @pytest.fixture
    def listing(self, facing: Play) -> Play:
        facing.tell(Listed(tuple(ContainerInfo(f"id-{each}", f"name-{each}", created=each) for each in range(40))))
        facing.overlay.page = OpenPage.LIST
        return facing

    def test_it_tells_figures_and_last_lines_of_the_one_under_the_cursor(self, listing: Play, written: Written) -> None:
        see(listing)
        answer(listing)
        written.texts.clear()
        see(listing)
        assert {"CPU 12%", "one"} <= set(written.texts)
        assert not written.overlaps(), written.overlaps()

    def test_it_has_the_more_rows_the_less_is_told(self, listing: Play, written: Written) -> None:
        for connected, rows in ((ASKED, ROWS - 1 - LOG_ROWS), (Connected(inspect=True), ROWS - 1), (Connected(), ROWS)):
            listing.client.news.append(connected)
            listing.layer.hear()
            written.texts.clear()
            see(listing)
            assert sum(text.startswith("name-") and box.left == 10 for text, box in written.texts.items()) == rows
            assert not written.overlaps()
            before = listing.overlay.list._index
            listing.layer.responder(listing.session, KeyEvent(KEY_PGDN, True))
            assert listing.overlay.list._index == before + rows

    def test_long_lines_are_broken_and_only_the_last_are_shown(self, assets: Assets) -> None:
        text = OutlinedText(Font(assets))
        rows = log_rows([f"{number} " + "word " * 100 for number in range(30)], text.width, 300)
        assert len(rows) == 2 * LOG_ROWS
        assert rows[-2].startswith("29 word")
        assert rows[-1].endswith("..")
        assert all(text.width(row) <= 300 for row in rows)
        assert log_rows(["", "  ", "x"], text.width, 300) == ["x"]


class TestFigures:
    @pytest.mark.parametrize(
        ("count", "words"),
        [
            *((0, "0 B"), (1023, "1 KB"), (1024, "1 KB"), (999, "999 B"), (1536, "1.5 KB"), (34 << 20, "34 MB")),
            *((1000 << 20, "1 GB"), (1 << 50, "1024 TB"), (10**15, "909 TB")),
        ],
    )
    def test_sizes_are_short(self, count: int, words: str) -> None:
        assert size(count) == words

    def test_ports_lose_addresses_then_number(self) -> None:
        assert ports_forms(("0.0.0.0:8080->80/tcp", ":::8080->80/tcp", "53/udp")) == (
            "0.0.0.0:8080->80/tcp, :::8080->80/tcp, 53/udp",
            "8080->80, 53/udp",
            "8080->80 +1",
            "2 PORTS",
        )
        assert ports_forms(("[::1]:1->2/tcp",))[1] == "1->2"

    def test_the_widest_part_is_shortened_first_and_the_last_part_goes_first(self, assets: Assets) -> None:
        text = OutlinedText(Font(assets))
        figures = (Figure(("STATE",)), Figure(("A VERY LONG PART", "SHORT")), Figure(("LAST",)))
        assert lay_out(text, figures, 400, 1) == [[("STATE", WHITE), ("A VERY LONG PART", WHITE), ("LAST", WHITE)]]
        assert lay_out(text, figures, 150, 1) == [[("STATE", WHITE), ("SHORT", WHITE), ("LAST", WHITE)]]
        assert lay_out(text, figures, 110, 1) == [[("STATE", WHITE), ("SHORT", WHITE)]]
        assert lay_out(text, figures, 10, 1) == []
        assert lay_out(text, figures, 400, 0) == []

    def test_room_that_is_left_goes_to_the_first_parts(self, assets: Assets) -> None:
        text = OutlinedText(Font(assets))
        first, second = Figure(("X" * 10, "X" * 4)), Figure(("X" * 9, "X"))
        for letters, shown in ((12, [10, 1]), (13, [4, 9]), (9, [4, 1])):
            (row,) = lay_out(text, (first, second), text.width("X" * letters) + 8, 1)
            assert [len(words) for words, _ in row] == shown

    def test_what_is_not_known_is_not_told(self) -> None:
        bare = figures_of(entry(), Inspected("a"), 0.0)
        assert [figure.forms[0] for figure in bare] == ["RUNNING", "0 RESTARTS"]
        ill = figures_of(entry(health="unhealthy", service="web"), Inspected("a", restarts=1), 0.0)
        assert [(figure.forms[0], figure.colours) for figure in ill[1:]] == [
            ("UNHEALTHY", RED), ("web", GREY), ("1 RESTART", RED)
        ]  # fmt: skip
        assert figures_of(entry(health="healthy"), None, 0.0)[1].colours == GREEN

    @pytest.mark.parametrize("name", [LONG, "x" * 300, "-" * 50, "a b", "", " "])
    @pytest.mark.parametrize("room", [1, 40, 300])
    def test_a_broken_name_is_still_the_name(self, assets: Assets, name: str, room: int) -> None:
        text = OutlinedText(Font(assets))
        rows = break_name(name, text.width, room)
        assert "".join(rows).replace(" ", "") == name.replace(" ", "")
        assert all(text.width(row) <= room or len(row) == 1 for row in rows)
