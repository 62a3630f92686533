"""Sound for remote listeners (the kiosk's browser page): mixed here and sent as packets through a Unix socket.

A thread of its own mixes a packet every `PACKET_FRAMES`, by the clock, and never waits for a listener: a listener whose
socket is full misses the packet. With nobody listening nothing is mixed and no music is made.
"""

from __future__ import annotations

import atexit
import contextlib
import errno
import socket
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

from pydoom.audio.dmx import Dmx
from pydoom.audio.effects import MIXER_RATE
from pydoom.audio.mixer import Mixer, MusicBuffer
from pydoom.audio.music import MusicPlayer, find_instruments
from pydoom.devices.errors import DeviceError
from pydoom.devices.speakers import Speakers

if TYPE_CHECKING:
    from pydoom.data.info import SoundInfo
    from pydoom.wad import Assets

PACKET_FRAMES: Final = 512
"""Frames of a packet, 11.6 ms: int16 left and right, little-endian."""
PACKET_BYTES: Final = PACKET_FRAMES * 4
MAX_LISTENERS: Final = 4
_PACKET_SECONDS: Final = PACKET_FRAMES / MIXER_RATE
_MAX_LATE_PACKETS: Final = 4
"""Packets of delay (the machine slept or is overloaded) after which lost time is not made up."""
_SEND_BUFFER_BYTES: Final = 8 * PACKET_BYTES
_GONE: Final = (errno.EPIPE, errno.ECONNRESET, errno.ENOTCONN)


class SoundStream:
    """Serves a mixer's samples at `path`, a packet socket (SOCK_SEQPACKET): one packet a message.

    Raises DeviceError when the socket cannot be created.
    """

    def __init__(self, path: Path, mixer: Mixer) -> None:
        self._path = path
        self._mixer = mixer
        self._listeners: list[socket.socket] = []
        self._closing = threading.Event()
        self._server = _listen(path)
        self._thread = threading.Thread(target=self._run, name="sound stream", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """End the thread and remove the socket. May be called again."""
        self._closing.set()
        self._thread.join(timeout=1.0)
        self._path.unlink(missing_ok=True)

    def _run(self) -> None:
        due = time.monotonic() + _PACKET_SECONDS
        while not self._closing.wait(max(0.0, due - time.monotonic())):
            due = max(due + _PACKET_SECONDS, time.monotonic() - _MAX_LATE_PACKETS * _PACKET_SECONDS)
            self._accept()
            if self._listeners:
                self._send(self._mixer.render(PACKET_FRAMES).tobytes())
            else:
                self._mixer.skip(PACKET_FRAMES)
        for listener in (*self._listeners, self._server):
            listener.close()

    def _accept(self) -> None:
        with contextlib.suppress(BlockingIOError):
            listener, _ = self._server.accept()
            if len(self._listeners) >= MAX_LISTENERS:
                listener.close()
                return
            listener.setblocking(False)
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _SEND_BUFFER_BYTES)
            self._listeners.append(listener)

    def _send(self, packet: bytes) -> None:
        for listener in tuple(self._listeners):
            try:
                listener.send(packet)
            except BlockingIOError:
                continue
            except OSError as error:
                if error.errno not in _GONE:
                    continue
                self._listeners.remove(listener)
                listener.close()


def _listen(path: Path) -> socket.socket:
    try:
        server = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    except (AttributeError, OSError) as error:
        raise DeviceError("--sound-socket needs Unix packet sockets, which this machine lacks") from error
    try:
        path.unlink(missing_ok=True)
        server.bind(str(path))
        path.chmod(0o600)
        server.listen(MAX_LISTENERS)
    except OSError as error:
        server.close()
        raise DeviceError(f"--sound-socket {path}: {error.strerror or error}") from error
    server.setblocking(False)
    return server


def open_stream(path: Path, assets: Assets, sounds: list[SoundInfo], dmx: Dmx = Dmx.DOOM_1_9) -> Speakers:
    """Speakers that stream to `path`; the stream closes with the program. `sounds` is the table with links.

    There is no music where the machine or the WAD can't make it. Raises DeviceError.
    """
    tunes = MusicBuffer()
    mixer = Mixer(assets.sound, sounds, tunes)
    stream = SoundStream(path, mixer)
    atexit.register(stream.close)
    bank = find_instruments(assets, dmx)
    if bank is None:
        return Speakers(mixer)
    player = MusicPlayer(assets.music, bank, tunes, assets.warn)
    atexit.register(player.close)
    return Speakers(mixer, player)
