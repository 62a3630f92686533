"""The bridge's threads for work that may hang."""

from __future__ import annotations

import threading
import time
from concurrent.futures import Future

import pytest

from hostbridge.host.workers import Workers


def test_each_job_gets_a_thread_while_there_are_threads_left() -> None:
    # submitted faster than an idle thread wakes up: no job may wait behind one that hangs
    for _ in range(50):
        workers = Workers(3, "test")
        workers.submit(int).result(10)
        hanging = threading.Event()
        stuck: list[Future[bool]] = [workers.submit(hanging.wait, 30) for _ in range(2)]
        assert workers.submit(lambda: "done").result(10) == "done"
        hanging.set()
        assert all(each.result(10) for each in stuck)
        assert workers.close(10)


def test_no_more_threads_than_asked_for_are_started() -> None:
    workers = Workers(2, "test")
    seen = {workers.submit(threading.get_ident) for _ in range(50)}
    assert len({each.result(10) for each in seen}) <= 2
    workers.close(10)


def test_after_close_waiting_jobs_are_cancelled_and_new_ones_refused() -> None:
    workers = Workers(1, "test")
    hanging = threading.Event()
    running = workers.submit(hanging.wait, 30)
    while not running.running():
        time.sleep(0.01)
    waiting = workers.submit(int)
    assert not workers.close(0.0), "a job hangs"
    assert waiting.cancelled()
    with pytest.raises(RuntimeError, match="closed"):
        workers.submit(int)
    hanging.set()
    assert running.result(10)


def test_what_a_job_raises_is_its_result() -> None:
    workers = Workers(1, "test")
    with pytest.raises(ZeroDivisionError):
        workers.submit(divmod, 1, 0).result(10)
    assert workers.submit(divmod, 7, 2).result(10) == (3, 1)
    workers.close(10)
