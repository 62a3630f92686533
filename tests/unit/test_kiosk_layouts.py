"""The kiosk's keyboard follows the last page to connect."""

from __future__ import annotations

import io
import subprocess
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any, cast

import pytest

from pydoom.kiosk import keyboard
from pydoom.kiosk.errors import KioskError
from pydoom.kiosk.keyboard import LayoutFollower, use_layout
from pydoom.kiosk.screen import Screen
from pydoom.kiosk.supervisor import Kiosk, KioskSettings


class AnyScreen:
    """A screen without an X server."""

    def environment(self) -> dict[str, str]:
        return {}


SCREEN = cast("Screen", AnyScreen())


def eventually(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


@pytest.mark.parametrize("error", [PermissionError(13, "Permission denied"), OSError(11, "Try again")])
def test_a_program_that_cannot_be_run_is_an_error_of_the_kiosk(monkeypatch: pytest.MonkeyPatch, error: OSError) -> None:
    def run(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(subprocess, "run", run)
    with pytest.raises(KioskError, match=f"--keyboard fr: cannot run setxkbmap: {error.strerror}"):
        use_layout(SCREEN, "fr")


def test_a_layout_that_could_not_be_set_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[str] = []

    def run(words: Sequence[str], **_: Any) -> None:
        tried.append(words[2])
        if len(tried) == 1:
            raise OSError(11, "Try again")

    monkeypatch.setattr(subprocess, "run", run)
    follower = LayoutFollower(SCREEN)
    follower.want("fr")
    eventually(lambda: len(tried) == 1)
    follower.want("fr")
    eventually(lambda: follower._layout == "fr")
    follower.want("fr")
    follower.want("de")
    eventually(lambda: follower._layout == "de")
    assert tried == ["fr", "fr", "de"]


def test_viewers_are_counted_while_a_layout_is_being_set(monkeypatch: pytest.MonkeyPatch) -> None:
    done = threading.Event()
    monkeypatch.setattr(keyboard, "use_layout", lambda *_: done.wait(20))
    kiosk = Kiosk(KioskSettings())
    kiosk._layouts = LayoutFollower(SCREEN)
    kiosk._count_viewers(io.BytesIO(b"fr\n2\n"))
    assert kiosk._viewer_count == 2
    assert not done.is_set()
    done.set()
