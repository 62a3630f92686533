"""What the player is told about containers: names and messages that fit."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pydoom.containers.fleet.fleet import _REASONS
from pydoom.containers.fleet.lifecycle import LIFE
from pydoom.containers.fleet.messages import ROOM_PX, Messages
from pydoom.containers.fleet.names import NameBook, elide, fit, name_forms, sentences, short_name
from pydoom.containers.level.bonds import WEAPON_NAMES
from pydoom.containers.link.events import Added, ContainerInfo, KillDone, Removed
from pydoom.data.info import WP_MISSILE
from pydoom.screens.font import Font
from pydoom.wad import Assets
from tests.unit.containerplay import Play

WORKER = ContainerInfo(
    "w", "billing-platform-reconciliation-worker-12", project="billing-platform", service="reconciliation-worker"
)


@pytest.fixture
def play(assets: Assets) -> Play:
    return Play(assets)


class TestNames:
    def test_long_names_are_elided_in_the_middle(self) -> None:
        assert elide("short") == "short"
        text = elide("a-very-long-project-name-web-frontend-1")
        assert len(text) <= 22
        assert text.startswith("a-very-lon")
        assert text.endswith("frontend-1")

    def test_the_project_goes_first_and_the_middle_is_cut_out_last(self) -> None:
        whole, short, *elided = name_forms(WORKER)
        assert whole == WORKER.name
        assert short == "reconciliation-worker-12"
        assert all(".." in form and form.startswith("rec") and form.endswith("12") for form in elided)
        assert [len(form) for form in elided] == list(range(22, 7, -1))

    def test_projects_are_joined_by_dashes_or_underscores(self) -> None:
        assert short_name(ContainerInfo("1", "shop_web_1", project="shop")) == "web_1"
        assert short_name(ContainerInfo("1", "shopping-1", project="shop")) == "shopping-1"
        assert short_name(ContainerInfo("1", "shop-", project="shop")) == "shop-"

    def test_the_project_stays_behind_the_service_where_it_tells_two_apart(self) -> None:
        shop, blog = (ContainerInfo(each, f"{each}-redis-1", project=each) for each in ("shop", "blog"))
        other = ContainerInfo("web", "shop-web-1", project="shop")
        book = NameBook()
        fleet = (shop, blog, other)
        assert [book.forms(each, fleet)[1] for each in fleet] == ["redis-1 shop", "redis-1 blog", "web-1"]

    def test_names_follow_the_fleet(self, play: Play) -> None:
        shop = ContainerInfo("s", "shop-redis-1", project="shop")
        blog = ContainerInfo("b", "blog-redis-1", project="blog")
        play.tell(Added(shop))
        assert play.layer.roster.names(shop)[1] == "redis-1"
        play.tell(Added(blog))
        assert play.layer.roster.names(shop)[1] == "redis-1 shop"
        play.tell(Removed("b"), tics=5)
        assert play.layer.roster.names(shop)[1] == "redis-1"

    @given(st.text(max_size=300), st.text(max_size=40))
    def test_every_name_has_a_form_of_eight_characters(self, name: str, project: str) -> None:
        forms = name_forms(ContainerInfo("1", name, project=project))
        assert forms[0] == name
        assert len(forms[-1]) <= max(8, min(len(name), 8))


class TestMessages:
    def test_a_weapon_is_shortened_before_a_name(self) -> None:
        assert sentences(("shop-web-1", "web-1"), "is gone", "rocket launcher") == (
            "shop-web-1 is gone (rocket launcher)",
            "shop-web-1 is gone (rocket)",
            "web-1 is gone (rocket)",
        )

    def test_the_first_wording_that_fits_is_taken_or_the_last(self) -> None:
        assert fit(("long", "mid", "s"), len, 3) == "mid"
        assert fit(("long", "mid", "s"), len, 0) == "s"

    @pytest.mark.parametrize("words", sorted({step.words for step in LIFE} | set(_REASONS.values()) | {"is protected"}))
    def test_every_message_about_a_long_name_fits_into_the_row(self, assets: Assets, words: str) -> None:
        width = Font(assets).width
        names = name_forms(ContainerInfo("1", "W" * 200))
        for weapon in ("", *WEAPON_NAMES.values()) if words.startswith("is ") else ("",):
            assert width(fit(sentences(names, words, weapon), width, ROOM_PX)) <= ROOM_PX

    def test_the_message_of_a_kill_is_whole(self, play: Play) -> None:
        play.tell(Added(WORKER), tics=30)
        play.world.players[0].readyweapon = WP_MISSILE
        play.shoot(WORKER)
        play.tell(KillDone("w", "remove", False), Removed("w"), tics=60)
        assert "reconciliation-worker-12 is removed (rocket)" in play.said

    def test_messages_wait_for_each_other(self, play: Play) -> None:
        messages = Messages(len)
        player = play.world.players[0]
        player.message = None
        for number in range(3):
            messages.say(f"{number}")
        seen: list[str] = []
        for _ in range(200):
            messages.ticker(player)
            if player.message:
                seen.append(player.message)
                player.message = None
        assert seen == ["0", "1", "2"]

    def test_a_busy_fleet_does_not_chatter_all_the_time(self, play: Play) -> None:
        play.fleet(1)
        play.said.clear()
        for number in range(100):
            play.tell(Added(ContainerInfo(f"new-{number}", f"new-{number}")), tics=3)
        assert 2 <= len(play.said) <= 4
