"""Keeps the roster up to date: listens to a backend in threads and delivers what it says.

One thread hears which containers may have changed. Another asks the engine about them: all that came in meanwhile
in one call. So a change costs at most one engine call, and the roster always holds the engine's last
answer, never a guess from the kind of event. A full listing runs at fixed times, however many events come in between.

What an engine only reports one container at a time is fetched in the background by several threads, monsters
first; the roster does not wait for it.
"""

from __future__ import annotations

import itertools
import logging
import queue
import threading
import time
from collections.abc import Callable, Iterable
from typing import Final

from hostbridge.backends.base import ALL, Backend
from hostbridge.fleet.roster import Delta, EngineDown, FullListing, Update
from hostbridge.model import Code, Container, RequestError

RESYNC_SECONDS: Final = 30.0
FIRST_PAUSE_SECONDS: Final = 0.1
LONGEST_PAUSE_SECONDS: Final = 1.0  # the roster must be right 2 seconds after the engine's return
GATHER_SECONDS: Final = 0.01
SETTLE_SECONDS: Final = 1.0
"""After which what an event was about is asked about once more: a list of Docker's still has a container running
some 60 ms after the event of its end, and no other event follows."""
BREATH_SECONDS: Final = 0.5
"""Longest pause after a slow answer, in seconds: it is as long as the answer took, so that a flood is not full load."""
MAX_IDS: Final = 200
"""Most IDs in one call; beyond it everything is listed, because the URL would be too long."""
LEARNERS: Final = 4

log = logging.getLogger("hostbridge")


class Feed:
    """Calls `deliver` from its threads with each update."""

    def __init__(
        self,
        backend: Backend,
        deliver: Callable[[Update], None],
        resync_seconds: float = RESYNC_SECONDS,
        is_monster: Callable[[Container], bool] = lambda container: True,
    ) -> None:
        self._backend = backend
        self._deliver = deliver
        self._resync = resync_seconds
        self._is_monster = is_monster
        self._stopping = backend.stopping
        self._down = False
        self._changed = threading.Condition()
        self._touched: set[str] = set()
        self._touched_all = False
        self._settling: dict[str, float] = {}  # when to ask once more, soonest first
        self._to_learn: queue.PriorityQueue[tuple[bool, int, str]] = queue.PriorityQueue()
        self._learning: set[str] = set()  # until the roster has it
        self._learned: set[str] = set()
        self._serial = itertools.count()

    def start(self) -> None:
        """Start; the first update is a full listing, or that the engine is down."""
        for work in (self._listen, self._ask):
            threading.Thread(target=work, name=f"feed-{work.__name__}", daemon=True).start()
        for _ in range(LEARNERS):
            threading.Thread(target=self._learn, name="feed-learn", daemon=True).start()

    def touch(self, ids: frozenset[str]) -> None:
        """Ask the engine about these soon (about all of them for `ALL`). Any thread may call this."""
        with self._changed:
            if ids == ALL or len(self._touched) > MAX_IDS:
                self._touched_all = True
            self._touched |= ids if not self._touched_all else frozenset()
            self._changed.notify()

    def _ask_once_more(self, ids: frozenset[str]) -> None:
        """Touch these again once the engine's own lists have caught up with its event."""
        with self._changed:
            for container_id in ids:
                self._settling.pop(container_id, None)
                self._settling[container_id] = time.monotonic() + SETTLE_SECONDS

    def _touch_settled(self) -> None:
        """Touch those whose time has come. The lock is held."""
        now = time.monotonic()
        for container_id in list(itertools.takewhile(lambda each: self._settling[each] <= now, self._settling)):
            del self._settling[container_id]
            self._touched.add(container_id)

    def wait_until_learned(self, seconds: float) -> None:
        """Wait until nothing is left to learn, at most this long."""
        deadline = time.monotonic() + seconds
        while self._learning and time.monotonic() < deadline and not self._stopping.is_set():
            time.sleep(GATHER_SECONDS)

    def _listen(self) -> None:
        pause = FIRST_PAUSE_SECONDS
        while not self._stopping.is_set():
            try:
                for ids in self._backend.changes():
                    self.touch(ids)
                    self._ask_once_more(ids)
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
        next_listing = time.monotonic() + self._resync
        while not self._stopping.is_set():
            ids = self._gather(next_listing)
            began = time.monotonic()
            if began >= next_listing or len(ids) > MAX_IDS:
                ids = ALL
            try:
                self._refresh(ids)
            except Exception as error:  # whatever it was, the next listing corrects it
                if isinstance(error, RequestError):
                    self._engine_down(error.message)
                else:
                    log.exception("the %s backend failed; asking again", self._backend.name)
                    self._engine_down(f"the {self._backend.name} backend failed: {type(error).__name__}")
                self.touch(ALL)
                self._stopping.wait(pause)
                pause = min(pause * 2, LONGEST_PAUSE_SECONDS)
                continue
            pause = FIRST_PAUSE_SECONDS
            if ids == ALL:
                next_listing = began + self._resync
            self._stopping.wait(min(time.monotonic() - began, BREATH_SECONDS))

    def _gather(self, until: float) -> frozenset[str]:
        """Wait for IDs to ask about; return `ALL` at `until` at the latest."""
        with self._changed:
            while not (self._touched or self._touched_all or self._stopping.is_set()):
                left = until - time.monotonic()
                if left <= 0:
                    return ALL
                self._changed.wait(min(left, 1.0, SETTLE_SECONDS / 4 if self._settling else 1.0))
                self._touch_settled()
        self._stopping.wait(GATHER_SECONDS)  # changes come in bursts
        with self._changed:
            self._touch_settled()
            ids = ALL if self._touched_all else frozenset(self._touched)
            self._touched.clear()
            self._touched_all = False
        return ids

    def _refresh(self, ids: frozenset[str]) -> None:
        asked = time.monotonic()
        if ids == ALL:
            update: FullListing | Delta = FullListing(asked, tuple(self._backend.list()))
        else:
            update = Delta(asked, ids, tuple(self._backend.look(ids)))
        if self._stopping.is_set():
            return
        if self._down:
            log.info("the engine is back")
            self._down = False
        with self._changed:
            told = set(self._learned) if ids == ALL else self._learned & ids
            self._learned -= told
        self._want_to_know_more(update.containers)
        self._deliver(update)
        with self._changed:
            self._learning -= told

    def _want_to_know_more(self, containers: Iterable[Container]) -> None:
        by_id = {each.id: each for each in containers}
        for container_id in self._backend.unknown(by_id.values()):
            with self._changed:
                if container_id in self._learning:
                    continue
                self._learning.add(container_id)
            rank = not self._is_monster(by_id[container_id])
            self._to_learn.put((rank, next(self._serial), container_id))

    def _learn(self) -> None:
        while not self._stopping.is_set():
            try:
                _, _, container_id = self._to_learn.get(timeout=1)
            except queue.Empty:
                continue
            try:
                self._backend.learn(container_id)
                with self._changed:
                    self._learned.add(container_id)
                self.touch(frozenset({container_id}))
                continue
            except RequestError as error:  # tried again after the next listing
                if error.code is not Code.NOT_FOUND:
                    log.warning("cannot inspect a container: %s", error.message)
            except Exception:
                log.exception("the %s backend failed", self._backend.name)
            with self._changed:
                self._learning.discard(container_id)

    def _engine_down(self, reason: str) -> None:
        if self._stopping.is_set():
            return
        if not self._down:
            log.warning("%s", reason)
            self._down = True
        self._deliver(EngineDown(reason))
