"""Relays the game's sound to the browser pages that listen.

The game mixes packets for a Unix packet socket (``--sound-socket``, `pydoom.devices.stream`). The hub is connected to
it only while somebody listens, so that the game does not mix sound for nobody, and reconnects when a new game begins.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Final

RATE: Final = 44100
"""Frames a second of the packets: int16 left and right, little-endian (`pydoom.audio.effects.MIXER_RATE`)."""
MAX_WAITING: Final = 8
"""Packets kept for a listener whose connection is slow, 93 ms; older ones are dropped, so that sound is never late."""
_MAX_PACKET_BYTES: Final = 1 << 16
_RETRY_SECONDS: Final = 0.2


class SoundHub:
    """One game's sound for any number of listeners."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._queues: set[asyncio.Queue[bytes]] = set()
        self._reader: asyncio.Task[None] | None = None

    async def packets(self) -> AsyncGenerator[bytes, None]:
        """Yield the game's packets from now on, endlessly."""
        queue: asyncio.Queue[bytes] = asyncio.Queue(MAX_WAITING)
        self._queues.add(queue)
        if self._reader is None:
            self._reader = asyncio.create_task(self._read())
        try:
            while True:
                yield await queue.get()
        finally:
            self._queues.discard(queue)
            if not self._queues and self._reader is not None:
                self._reader.cancel()
                self._reader = None

    async def _read(self) -> None:
        while True:
            with contextlib.suppress(OSError):
                await self._read_one_game()
            await asyncio.sleep(_RETRY_SECONDS)

    async def _read_one_game(self) -> None:
        loop = asyncio.get_running_loop()
        with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as game:
            game.setblocking(False)
            await loop.sock_connect(game, str(self._path))
            while packet := await loop.sock_recv(game, _MAX_PACKET_BYTES):
                for queue in self._queues:
                    if queue.full():
                        queue.get_nowait()
                    queue.put_nowait(packet)
