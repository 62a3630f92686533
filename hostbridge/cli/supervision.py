"""A process beside ours that is started again whenever it ends, until we end."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import subprocess
from collections.abc import AsyncIterator, Sequence
from typing import Final

FIRST_PAUSE_SECONDS: Final = 0.5
LONGEST_PAUSE_SECONDS: Final = 30.0
GOOD_SECONDS: Final = 60.0
"""A process that ran for so long is started again after the first pause."""
END_SECONDS: Final = 3.0

log = logging.getLogger("hostbridge")


@contextlib.asynccontextmanager
async def kept_running(name: str, command: Sequence[str]) -> AsyncIterator[None]:
    """Keep the command running. It must exit when its standard input closes, as it does even if we are killed."""
    keeping = asyncio.create_task(_keep(name, command))
    try:
        yield
    finally:
        keeping.cancel()
        await asyncio.wait({keeping})


async def _keep(name: str, command: Sequence[str]) -> None:
    loop = asyncio.get_running_loop()
    pause = FIRST_PAUSE_SECONDS
    while True:
        began = loop.time()
        try:
            what = f"has ended with status {await _run(command)}"
        except OSError as error:  # no memory for a process, for now
            what = f"cannot be started: {error.strerror}"
        if loop.time() - began >= GOOD_SECONDS:
            pause = FIRST_PAUSE_SECONDS
        log.warning("%s %s: starting it again in %.1f seconds", name, what, pause)
        await asyncio.sleep(pause)
        pause = min(pause * 2, LONGEST_PAUSE_SECONDS)


async def _run(command: Sequence[str]) -> int:
    """Run the command, and end it when cancelled; return its exit status. Raises OSError."""
    process = await asyncio.create_subprocess_exec(*command, stdin=subprocess.PIPE, start_new_session=True)
    try:
        return await process.wait()
    finally:
        await _end(process)


async def _end(process: asyncio.subprocess.Process) -> None:
    """Let a process end that may still run."""
    assert process.stdin is not None
    process.stdin.close()
    try:
        await asyncio.wait_for(process.wait(), END_SECONDS)
    except TimeoutError:
        process.kill()
        await process.wait()
