"""Keeps the roster true: listens to a backend in threads and delivers what it says.

One thread hears which containers may have changed, another asks the engine about them, everything that came in
meanwhile with one question. So a change costs one engine call at most, and the truth is always the engine's last
answer, never a guess from the kind of event. Now and then, and after every silence, everything is asked for.
"""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections.abc import Callable
from typing import Final

from hostbridge.backends.base import ALL, Backend
from hostbridge.fleet.roster import Delta, EngineDown, FullListing, Update
from hostbridge.model import RequestError

RESYNC_SECONDS: Final = 30.0
FIRST_PAUSE_SECONDS: Final = 0.1
LONGEST_PAUSE_SECONDS: Final = 1.0  # the roster is to be right 2 seconds after the engine's return
GATHER_SECONDS: Final = 0.01
MAX_IDS: Final = 200
"""More IDs than this are not asked for by name: the question would outgrow what engines take."""

log = logging.getLogger("hostbridge")


class Feed:
    """Calls `deliver` from its threads with each update."""

    def __init__(
        self, backend: Backend, deliver: Callable[[Update], None], resync_seconds: float = RESYNC_SECONDS
    ) -> None:
        self._backend = backend
        self._deliver = deliver
        self._resync = resync_seconds
        self._touched: queue.SimpleQueue[frozenset[str]] = queue.SimpleQueue()
        self._stopping = backend.stopping
        self._down = False

    def start(self) -> None:
        """Begin; the first update is the snapshot of everything, or that the engine is down."""
        for work in (self._listen, self._ask):
            threading.Thread(target=work, name=f"feed-{work.__name__}", daemon=True).start()

    def _listen(self) -> None:
        pause = FIRST_PAUSE_SECONDS
        while not self._stopping.is_set():
            try:
                for ids in self._backend.changes():
                    self._touched.put(ids)
                    pause = FIRST_PAUSE_SECONDS
            except RequestError as error:
                self._engine_down(error.message)
            except Exception as error:  # a broken event must not end the listening
                log.exception("the %s backend failed; starting it again", self._backend.name)
                self._engine_down(f"the {self._backend.name} backend failed: {type(error).__name__}")
            self._stopping.wait(pause)
            pause = min(pause * 2, LONGEST_PAUSE_SECONDS)

    def _ask(self) -> None:
        pause = FIRST_PAUSE_SECONDS
        while not self._stopping.is_set():
            ids = self._gather()
            try:
                self._refresh(ids)
                pause = FIRST_PAUSE_SECONDS
            except Exception as error:  # whatever it is, the next full look mends it
                if isinstance(error, RequestError):
                    self._engine_down(error.message)
                else:
                    log.exception("the %s backend failed; asking again", self._backend.name)
                    self._engine_down(f"the {self._backend.name} backend failed: {type(error).__name__}")
                self._touched.put(ALL)
                self._stopping.wait(pause)
                pause = min(pause * 2, LONGEST_PAUSE_SECONDS)

    def _gather(self) -> frozenset[str]:
        """Wait for something to ask about; everything when it is time."""
        try:
            ids = self._touched.get(timeout=self._resync)
        except queue.Empty:
            return ALL
        time.sleep(GATHER_SECONDS)  # changes come in bursts
        everything = ids == ALL
        while True:
            try:
                more = self._touched.get_nowait()
            except queue.Empty:
                return ALL if everything else ids
            everything = everything or more == ALL
            ids |= more

    def _refresh(self, ids: frozenset[str]) -> None:
        if ids == ALL or len(ids) > MAX_IDS:
            update: Update = FullListing(tuple(self._backend.list()))
        else:
            update = Delta(ids, tuple(self._backend.look(ids)))
        if self._stopping.is_set():
            return
        if self._down:
            log.info("the engine is back")
            self._down = False
        self._deliver(update)

    def _engine_down(self, reason: str) -> None:
        if self._stopping.is_set():
            return
        if not self._down:
            log.warning("%s", reason)
            self._down = True
        self._deliver(EngineDown(reason))
