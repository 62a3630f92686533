"""What the player is told of containers."""

from __future__ import annotations

import pytest

from pydoom.containers.fleet.messages import Messages, elide
from pydoom.containers.link.events import (
    Added,
    ContainerInfo,
)
from pydoom.wad import Assets
from tests.unit.containerplay import Play


@pytest.fixture
def play(assets: Assets) -> Play:
    return Play(assets)


def test_long_names_are_elided_in_the_middle() -> None:
    assert elide("short") == "short"
    text = elide("a-very-long-project-name-web-frontend-1")
    assert len(text) <= 22
    assert text.startswith("a-very-lon")
    assert text.endswith("frontend-1")


def test_messages_wait_for_each_other(play: Play) -> None:
    messages = Messages()
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


def test_a_busy_fleet_does_not_talk_all_the_time(play: Play) -> None:
    play.fleet(1)
    play.said.clear()
    for number in range(100):
        play.tell(Added(ContainerInfo(f"new-{number}", f"new-{number}")), tics=3)
    assert 2 <= len(play.said) <= 4
