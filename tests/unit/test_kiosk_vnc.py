"""The VNC port without x11vnc: the handshake, the places for strangers, and the relay to a stand-in for the server."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from pydoom.kiosk import relay, vncdoor
from pydoom.kiosk.guesses import GuessLimit, Rate
from pydoom.kiosk.relay import Relay
from pydoom.kiosk.rfb import HandshakeStage, RfbError, ServerHandshake, password_answer
from pydoom.kiosk.vncdoor import VncDoor

VERSION = b"RFB 003.008\n"
PASSWORD = "sesame"

# -- the handshake


def test_answer_is_des_of_the_challenge_with_the_password_s_bits_reversed() -> None:
    # from libvncserver's vncencryptbytes
    assert password_answer("1234", bytes(16)).hex() == password_answer("1234", bytes(8)).hex() * 2
    assert password_answer("longer than eight", bytes(16)) == password_answer("longer t", bytes(16))
    assert password_answer("", bytes(16)).hex() == "8ca64de9c1b123a7" * 2, "DES of zeros with a key of zeros"


@pytest.mark.parametrize("piece", [1, 5, 100])
@pytest.mark.parametrize("version", [b"003.003", b"003.005", b"003.007", b"003.008", b"003.889"])
def test_right_password_is_accepted_however_the_bytes_arrive(piece: int, version: bytes) -> None:
    handshake = ServerHandshake()
    said = handshake.receive(b"RFB " + version + b"\n")
    if version >= b"003.007":
        assert said == b"\1\2"
        challenge = handshake.receive(b"\2")
    else:
        assert said[:4] == b"\0\0\0\2"
        challenge = said[4:]
    answer = password_answer(PASSWORD, challenge) + b"\1"
    for at in range(0, len(answer), piece):
        assert handshake.receive(answer[at : at + piece]) == b""
    assert handshake.stage is HandshakeStage.ANSWERED
    assert handshake.is_right(PASSWORD)
    assert not handshake.is_right("wrong")
    assert handshake.early == b"\1"
    assert handshake.verdict(None) == bytes(4)
    refused = handshake.verdict("no")
    assert refused == b"\0\0\0\1" + (b"\0\0\0\2no" if version >= b"003.008" else b"")


@pytest.mark.parametrize(
    "sent",
    [
        b"GET / HTTP/1.1\r\n",
        b"RFB 004.000\n",
        b"RFB 003.0x8\n",
        b"rfb 003.008\n",
        VERSION + b"\0",
        VERSION + b"\1",
        VERSION + b"\x10",
        VERSION + b"\2" + bytes(16 + 2000),
        bytes(12),
    ],
)
def test_anything_but_rfb_is_refused(sent: bytes) -> None:
    with pytest.raises(RfbError):
        ServerHandshake().receive(sent)


def test_challenges_differ() -> None:
    assert len({ServerHandshake().receive(b"RFB 003.003\n") for _ in range(20)}) == 20


# -- the port


@dataclass
class Kiosk:
    """The VNC door with a stand-in for x11vnc, which sends a name and then echoes everything in capitals."""

    port: int
    counts: list[int]
    door: VncDoor

    async def connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        return await asyncio.open_connection("127.0.0.1", self.port)

    async def challenged(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter, bytes]:
        reader, writer = await self.connect()
        assert await reader.readexactly(12) == VERSION
        writer.write(VERSION + b"\2")
        assert await reader.readexactly(2) == b"\1\2"
        return reader, writer, await reader.readexactly(16)

    async def answered(self, password: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        reader, writer, challenge = await self.challenged()
        writer.write(password_answer(password, challenge))
        return reader, writer


async def stand_in(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError, asyncio.IncompleteReadError):
        writer.write(VERSION)
        assert await reader.readexactly(12) == VERSION
        writer.write(b"\1\1")
        assert await reader.readexactly(1) == b"\1"
        writer.write(bytes(4))
        while data := await reader.read(100):
            if data == b"stop":
                await asyncio.sleep(3600)
            writer.write(b"x" * 1_000_000 if data == b"flood" else data.upper())
            await writer.drain()
    writer.close()


@contextlib.asynccontextmanager
async def kiosk(folder: Path, guesses: GuessLimit | None = None) -> AsyncIterator[Kiosk]:
    counts: list[int] = []
    x11vnc = await asyncio.start_unix_server(stand_in, folder / "x11vnc")
    door = VncDoor(PASSWORD, guesses or GuessLimit(), Relay(folder / "x11vnc", counts.append))
    server = await asyncio.start_server(door.admit, "127.0.0.1", 0)
    yield Kiosk(server.sockets[0].getsockname()[1], counts, door)
    server.close()
    x11vnc.close()


def test_viewer_with_the_password_talks_to_the_vnc_server(tmp_path: Path) -> None:
    async def check() -> None:
        async with kiosk(tmp_path) as door:
            reader, writer = await door.answered(PASSWORD)
            assert await reader.readexactly(4) == bytes(4)
            writer.write(b"client init")
            assert await reader.readexactly(11) == b"CLIENT INIT"
            assert door.counts == [1]
            writer.close()
            await asyncio.sleep(0.1)
            assert door.counts == [1, 0]

    asyncio.run(check())


def test_viewer_with_a_wrong_password_is_told_so_and_not_counted(tmp_path: Path) -> None:
    async def check() -> None:
        async with kiosk(tmp_path) as door:
            reader, _ = await door.answered("wrong")
            assert await asyncio.wait_for(reader.read(), 5) == b"\0\0\0\1\0\0\0\x0ewrong password"
            assert door.counts == []

    asyncio.run(check())


def test_idle_connections_keep_nobody_out(tmp_path: Path) -> None:
    async def check() -> None:
        async with kiosk(tmp_path) as door:
            idle = [await door.connect() for _ in range(100)]
            typing = [await door.challenged() for _ in range(240)]
            reader, writer = await door.answered(PASSWORD)
            assert await asyncio.wait_for(reader.readexactly(4), 5) == bytes(4)
            assert len(door.door._strangers.silent._taken) <= vncdoor.MAX_SILENT
            assert len(door.door._strangers.asked._taken) <= vncdoor.MAX_ASKED
            for other in (writer, *(each[1] for each in idle), *(each[1] for each in typing)):
                other.close()

    asyncio.run(check())


def test_silent_connections_do_not_push_out_those_asked_for_the_password(tmp_path: Path) -> None:
    async def check() -> None:
        async with kiosk(tmp_path) as door:
            reader, writer, challenge = await door.challenged()
            silent = [await door.connect() for _ in range(300)]
            await asyncio.sleep(0.1)
            writer.write(password_answer(PASSWORD, challenge))
            assert await reader.readexactly(4) == bytes(4)
            for other in (writer, *(each for _, each in silent)):
                other.close()

    asyncio.run(check())


def test_address_that_logged_in_before_keeps_a_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vncdoor, "MAX_SILENT", 1)

    async def check() -> None:
        async with kiosk(tmp_path) as door:
            reader, writer = await door.answered(PASSWORD)
            await reader.readexactly(4)
            writer.close()
            reader, writer = await door.connect()  # known by now, so strangers do not take its place
            elsewhere = ("127.0.0.2", 0)
            others = [await asyncio.open_connection("127.0.0.1", door.port, local_addr=elsewhere) for _ in range(10)]
            await asyncio.sleep(0.1)
            assert await reader.readexactly(12) == VERSION
            writer.write(VERSION)
            assert await reader.readexactly(2) == b"\1\2"
            for other in (writer, *(each for _, each in others)):
                other.close()

    asyncio.run(check())


def test_slow_handshakes_are_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vncdoor, "GREETING_SECONDS", 0.1)
    monkeypatch.setattr(vncdoor, "ANSWER_SECONDS", 0.4)

    async def check() -> None:
        async with kiosk(tmp_path) as door:
            silent, _ = await door.connect()
            typing, writer, challenge = await door.challenged()
            with contextlib.suppress(ConnectionError):
                assert await asyncio.wait_for(silent.read(), 5) == VERSION
            writer.write(password_answer(PASSWORD, challenge))
            assert await typing.readexactly(4) == bytes(4), "a person may take longer than a program"
            late, _, _ = await door.challenged()
            with contextlib.suppress(ConnectionError):
                assert await asyncio.wait_for(late.read(), 5) == b""

    asyncio.run(check())


def test_guesses_are_limited_and_viewers_that_leave_are_not_judged(tmp_path: Path) -> None:
    async def check() -> None:
        async with kiosk(tmp_path, GuessLimit(Rate(2, 0.001))) as door:
            for _ in range(2):
                reader, _ = await door.answered("wrong")
                assert (await asyncio.wait_for(reader.read(), 5)).endswith(b"wrong password")
            reader, writer = await door.answered("wrong")
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(reader.read(), 0.3)
            writer.close()

    asyncio.run(check())


def test_viewer_that_sends_more_and_leaves_does_not_stay_in_the_queue(tmp_path: Path) -> None:
    async def check() -> None:
        async with kiosk(tmp_path, GuessLimit(Rate(1, 2.0))) as door:
            await (await door.answered("wrong"))[0].read()
            for _ in range(100):
                _, writer = await door.answered("wrong")
                await asyncio.sleep(0)
                writer.write(b"\1")
                await writer.drain()
                writer.close()
            reader, writer = await door.answered(PASSWORD)
            assert await asyncio.wait_for(reader.readexactly(4), 20) == bytes(4)
            writer.close()

    asyncio.run(check())


def test_too_many_waiting_guesses_are_refused_with_a_reason(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pydoom.kiosk.guesses.MAX_WAITING", 1)

    async def check() -> None:
        async with kiosk(tmp_path, GuessLimit(Rate(1, 0.001))) as door:
            await (await door.answered("wrong"))[0].read()
            _, waiting = await door.answered("wrong")
            await asyncio.sleep(0.1)
            reader, _ = await door.answered(PASSWORD)
            assert b"try again" in await asyncio.wait_for(reader.read(), 5)
            waiting.close()
            await asyncio.sleep(0.1)
            reader, writer = await door.answered(PASSWORD)
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(reader.read(4), 0.2)
            writer.close()

    asyncio.run(check())


def test_viewers_are_limited_and_told_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(relay, "MAX_VIEWERS", 1)

    async def check() -> None:
        async with kiosk(tmp_path) as door:
            reader, writer = await door.answered(PASSWORD)
            assert await reader.readexactly(4) == bytes(4)
            second, _ = await door.answered(PASSWORD)
            assert b"1 viewers are connected already" in await asyncio.wait_for(second.read(), 5)
            writer.close()

    asyncio.run(check())


def test_viewer_is_told_when_there_is_no_vnc_server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(relay, "_START_SECONDS", 0.2)

    async def check() -> None:
        async with kiosk(tmp_path) as door:
            (tmp_path / "x11vnc").unlink()
            reader, _ = await door.answered(PASSWORD)
            assert b"the VNC server does not answer" in await asyncio.wait_for(reader.read(), 5)

    asyncio.run(check())


def test_viewer_is_disconnected_when_the_vnc_server_takes_nothing_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relay, "STALLED_SECONDS", 0.3)

    async def check() -> None:
        async with kiosk(tmp_path) as door:
            reader, writer = await door.answered(PASSWORD)
            assert await reader.readexactly(4) == bytes(4)
            writer.write(b"stop")
            with contextlib.suppress(ConnectionError):
                while door.counts[-1]:
                    writer.write(bytes(1 << 16))
                    await writer.drain()
                    await asyncio.sleep(0)
            assert await asyncio.wait_for(reader.read(), 5) is not None
            assert door.counts == [1, 0]
            writer.close()

    with contextlib.suppress(ConnectionError):
        asyncio.run(asyncio.wait_for(check(), 30))


def test_viewer_that_reads_nothing_is_disconnected_and_delays_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relay, "MAX_BEHIND_BYTES", 4 << 20)

    async def check() -> None:
        async with kiosk(tmp_path) as door:
            slow, slow_writer = await door.answered(PASSWORD)
            await slow.readexactly(4)
            fast, fast_writer = await door.answered(PASSWORD)
            await fast.readexactly(4)
            for _ in range(40):
                if slow_writer.is_closing():
                    break
                slow_writer.write(b"flood")
                await asyncio.sleep(0.02)
                fast_writer.write(b"key")
                assert await asyncio.wait_for(fast.readexactly(3), 5) == b"KEY"
            for _ in range(100):
                if door.counts[-1] == 1:
                    break
                await asyncio.sleep(0.05)
            assert door.counts[-1] == 1, "the slow one is gone"
            fast_writer.close()

    asyncio.run(check())
