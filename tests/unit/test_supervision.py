"""A process that is kept running: started again when it dies, ended with us."""

from __future__ import annotations

import asyncio
import errno
import os
import signal
import sys
from pathlib import Path
from typing import Any

import pytest

from hostbridge.cli import supervision
from hostbridge.cli.supervision import kept_running


def pids(path: Path) -> list[int]:
    return [int(each) for each in path.read_text().split()] if path.exists() else []


def script(path: Path, then: str) -> list[str]:
    """A process that notes its ID, and goes on as the text says."""
    return [sys.executable, "-c", f"import os, sys; open({str(path)!r}, 'a').write(f'{{os.getpid()}} '); {then}"]


async def until(path: Path, count: int) -> list[int]:
    async with asyncio.timeout(20):
        while len(pids(path)) < count:
            await asyncio.sleep(0.01)
    return pids(path)


@pytest.fixture(autouse=True)
def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervision, "FIRST_PAUSE_SECONDS", 0.01)


def test_process_that_is_killed_is_started_again_and_ends_with_us(tmp_path: Path) -> None:
    path = tmp_path / "pids"

    async def work() -> None:
        async with kept_running("helper", script(path, "sys.stdin.read()")):
            (first,) = await until(path, 1)
            os.kill(first, signal.SIGKILL)
            _, second = await until(path, 2)
            os.kill(second, 0)
        with pytest.raises(ProcessLookupError):
            os.kill(second, 0)

    asyncio.run(work())


def test_process_that_exits_at_once_is_started_ever_more_slowly(tmp_path: Path) -> None:
    path = tmp_path / "pids"

    async def work() -> None:
        async with kept_running("helper", script(path, "sys.exit(2)")):
            await until(path, 4)

    asyncio.run(work())


def test_process_that_cannot_be_started_is_tried_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "pids"
    start, troubles = asyncio.create_subprocess_exec, [OSError(errno.EAGAIN, "no process to be had")]

    async def at_first_not(*command: str, **how: Any) -> asyncio.subprocess.Process:
        if troubles:
            raise troubles.pop()
        return await start(*command, **how)

    monkeypatch.setattr(asyncio, "create_subprocess_exec", at_first_not)

    async def work() -> None:
        async with kept_running("helper", script(path, "sys.stdin.read()")):
            await until(path, 1)

    asyncio.run(work())


def test_process_that_ignores_the_end_of_its_input_is_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervision, "END_SECONDS", 0.1)
    path = tmp_path / "pids"

    async def work() -> None:
        async with kept_running("helper", script(path, "import time; time.sleep(60)")):
            (only,) = await until(path, 1)
        with pytest.raises(ProcessLookupError):
            os.kill(only, 0)

    asyncio.run(work())
