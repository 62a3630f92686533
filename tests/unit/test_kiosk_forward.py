"""The forwarder in front of a kiosk without a network, and the places where a kiosk may listen."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from pydoom.kiosk import forward
from pydoom.kiosk.forward import Forwarder, main
from pydoom.kiosk.listening import Place, vnc_place, web_place


@contextlib.asynccontextmanager
async def forwarding(folder: Path) -> AsyncIterator[int]:
    """A forwarder in front of a server that echoes everything in capitals until ``bye``; yields its port."""

    async def shout(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while (data := await reader.read(1 << 16)) not in (b"", b"bye"):
            writer.write(data.upper())
        writer.write(b"x" * 1_000_000 + b"END")
        writer.close()

    target = await Place(str(folder / "socket"), 0).serve(shout)
    server = await asyncio.start_server(Forwarder(str(folder / "socket")).forward, "127.0.0.1", 0)
    yield server.sockets[0].getsockname()[1]
    server.close()
    target.close()


def test_bytes_go_both_ways_and_nothing_is_lost_at_the_end(tmp_path: Path) -> None:
    async def check() -> None:
        async with forwarding(tmp_path) as port:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(b"hello")
            assert await reader.readexactly(5) == b"HELLO"
            writer.write(b"bye")
            said = await asyncio.wait_for(reader.read(-1), 10)
            assert len(said) == 1_000_003
            assert said.endswith(b"END")
            writer.close()

    asyncio.run(check())


@pytest.mark.parametrize("ending", ["it goes on", "kiosk closes", "kiosk aborts", "all is buffered"])
def test_client_that_never_reads_is_cut_off_and_leaves_no_socket(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ending: str
) -> None:
    monkeypatch.setattr(forward, "STALLED_SECONDS", 0.25)
    opened: list[asyncio.WriteTransport] = []

    async def pour(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        opened.append(writer.transport)
        writer.write(bytes(32 << 20))
        if ending in ("kiosk closes", "all is buffered"):
            writer.close()
        elif ending == "kiosk aborts":
            await asyncio.sleep(0.1)
            writer.transport.abort()

    async def check() -> None:
        forwarder = Forwarder(str(tmp_path / "socket"))

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            opened.append(writer.transport)
            if ending == "all is buffered":  # nothing waits in drain, everything in close
                writer.transport.set_write_buffer_limits(high=64 << 20)
            await forwarder.forward(reader, writer)

        target = await Place(str(tmp_path / "socket"), 0).serve(pour)
        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        with socket.create_connection(server.sockets[0].getsockname()):
            async with asyncio.timeout(30):
                while len(opened) < 2 or forwarder._connections:
                    await asyncio.sleep(0.01)
                while any(each.get_extra_info("socket").fileno() >= 0 for each in opened):
                    await asyncio.sleep(0.01)
        server.close()
        target.close()

    asyncio.run(check())


async def admitted(port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A connection to which the kiosk has sent more than to strangers."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    said = b"x" * (forward.STRANGER_BYTES + 1)
    writer.write(said)
    assert await reader.readexactly(len(said)) == said.upper()
    return reader, writer


def test_newcomer_takes_the_place_of_the_oldest_stranger(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forward, "MAX_CONNECTIONS", 3)

    async def check() -> None:
        async with forwarding(tmp_path) as port:
            player = await admitted(port)
            silent = [await asyncio.open_connection("127.0.0.1", port) for _ in range(20)]
            newcomer = await asyncio.open_connection("127.0.0.1", port)
            for reader, writer in (player, newcomer):
                writer.write(b"x")
                assert await asyncio.wait_for(reader.readexactly(1), 5) == b"X"
            with contextlib.suppress(ConnectionError):
                assert await asyncio.wait_for(silent[0][0].read(), 5) == b""
            for _, writer in (player, newcomer, *silent):
                writer.close()

    asyncio.run(check())


def test_many_connections_are_limited_and_leave_no_trace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forward, "MAX_CONNECTIONS", 2)

    async def check() -> None:
        async with forwarding(tmp_path) as port:
            for _ in range(3):
                pairs = [await admitted(port) for _ in range(2)]
                surplus, _ = await asyncio.open_connection("127.0.0.1", port)
                with contextlib.suppress(ConnectionError):
                    assert await asyncio.wait_for(surplus.read(), 5) == b""
                for _, writer in pairs:
                    writer.close()
                await asyncio.sleep(0.1)

    asyncio.run(check())


def test_connection_ends_when_nobody_listens_behind(tmp_path: Path) -> None:
    async def check() -> None:
        async with forwarding(tmp_path) as port:
            (tmp_path / "socket").unlink()
            reader, _ = await asyncio.open_connection("127.0.0.1", port)
            with contextlib.suppress(ConnectionError):
                assert await asyncio.wait_for(reader.read(), 5) == b""

    asyncio.run(check())


@pytest.mark.parametrize("greeting", [b"", b"RFB 003.008\n"])
def test_check_says_whether_the_kiosk_is_behind_the_port(tmp_path: Path, greeting: bytes) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    rule = f"{port}={tmp_path / 'socket'}"
    assert main(["--check", rule]) == 1
    with subprocess.Popen([sys.executable, "-m", "pydoom.kiosk.forward", rule]) as process:
        deadline = time.monotonic() + 20
        while not Place("127.0.0.1", port).is_taken():
            assert time.monotonic() < deadline
            time.sleep(0.1)
        assert main(["--check", rule]) == 1, "the port is open, but nothing is behind it"
        with socket.socket(socket.AF_UNIX) as server:
            server.bind(str(tmp_path / "socket"))
            server.listen()
            server.settimeout(10)
            with ThreadPoolExecutor(1) as kiosk:
                answered = kiosk.submit(lambda: server.accept()[0])
                if greeting:
                    answered.add_done_callback(lambda done: done.result().sendall(greeting))
                assert main(["--check", rule]) == 0
        process.terminate()
        assert process.wait(10) == 0


@pytest.mark.parametrize("text", ["", "5900", "5900=", "5900=vnc", "x=/run/vnc", "0=/run/vnc", "65536=/run/vnc"])
def test_malformed_rules_are_refused(text: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError):
        forward._rule(text)


def test_folder_has_a_socket_each_for_vnc_and_page() -> None:
    assert vnc_place("/run/kiosk", 5900) == Place("/run/kiosk/vnc", 0)
    assert web_place("/run/kiosk", 6080) == Place("/run/kiosk/web", 0)
    assert str(vnc_place("/run/kiosk", 5900)) == "/run/kiosk/vnc"
    assert str(vnc_place("::1", 5900)) == "port 5900 of ::1"


def test_socket_left_behind_by_a_killed_kiosk_is_replaced(tmp_path: Path) -> None:
    async def check() -> None:
        place = Place(str(tmp_path / "vnc"), 0)
        with socket.socket(socket.AF_UNIX) as left_behind:
            left_behind.bind(place.address)

        async def greet(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.write(b"hello")
            writer.close()

        server = await place.serve(greet)
        assert await asyncio.to_thread(place.is_taken)
        server.close()

    asyncio.run(check())
