"""Restarts counted from an engine's events."""

from __future__ import annotations

from hostbridge.backends.restarts import Restarts


def heard(*actions: str, container_id: str = "a") -> Restarts:
    restarts = Restarts()
    for action in actions:
        restarts.heard(action, container_id)
    return restarts


def test_the_first_start_is_not_a_restart() -> None:
    assert heard("create", "start").of("a") == 0


def test_an_end_alone_is_not_a_restart() -> None:
    assert heard("start", "die").of("a") == 0


def test_every_start_after_an_end_is_a_restart() -> None:
    assert heard("start", "kill", "die", "start", "die", "stop", "start", "restart").of("a") == 2


def test_unpausing_is_not_a_restart() -> None:
    assert heard("start", "pause", "unpause").of("a") == 0


def test_containers_are_counted_each_and_forgotten_when_gone() -> None:
    restarts = heard("start", "die", "start")
    assert restarts.of("b") == 0
    restarts.heard("destroy", "a")
    assert restarts.of("a") == 0
