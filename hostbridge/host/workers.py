"""Threads for work that may hang, without keeping the process from ending.

The standard library's pool waits for its threads when the interpreter ends, however long they take. An engine that
never answers, or a disk that hangs, must not keep the bridge from stopping.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable
from concurrent.futures import Executor, Future
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")

_Job = tuple["Future[Any]", Callable[[], Any]]


class Workers(Executor):
    """At most `count` daemon threads, started as they are needed."""

    def __init__(self, count: int, name: str) -> None:
        self._count = count
        self._name = name
        self._lock = threading.Lock()
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._threads: list[threading.Thread] = []
        self._unfinished = 0  # jobs in progress or waiting
        self._closed = False

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Queue a call for one of the threads. Raises RuntimeError after `close`."""
        future: Future[T] = Future()
        with self._lock:
            if self._closed:
                raise RuntimeError("the workers are closed")
            self._jobs.put((future, lambda: fn(*args, **kwargs)))
            self._unfinished += 1
            if len(self._threads) < min(self._unfinished, self._count):
                thread = threading.Thread(target=self._work, name=self._name, daemon=True)
                self._threads.append(thread)
                thread.start()
        return future

    def close(self, seconds: float) -> bool:
        """Start nothing more, and give what is in progress this long; return whether all of it has ended."""
        with self._lock:
            self._closed = True
            waiting = self._drain()
            for _ in self._threads:
                self._jobs.put(None)
        for future, _ in waiting:
            future.cancel()
        deadline = time.monotonic() + seconds
        for thread in self._threads:
            thread.join(max(0.0, deadline - time.monotonic()))
        return not any(thread.is_alive() for thread in self._threads)

    def _drain(self) -> list[_Job]:
        found: list[_Job] = []
        while True:
            try:
                job = self._jobs.get_nowait()
            except queue.Empty:
                return found
            if job is not None:
                found.append(job)

    def _work(self) -> None:
        while (job := self._jobs.get()) is not None:
            _do(*job)
            with self._lock:
                self._unfinished -= 1


def _do(future: Future[Any], work: Callable[[], Any]) -> None:
    if not future.set_running_or_notify_cancel():
        return
    try:
        future.set_result(work())
    except BaseException as error:
        future.set_exception(error)
