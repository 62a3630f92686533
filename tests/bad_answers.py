"""HTTP answers that drip, never end or are not HTTP: one of each kind that an engine may send to the bridge."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable
from contextlib import suppress

Answer = Callable[[socket.socket], None]


def drip(connection: socket.socket, head: bytes, byte: bytes) -> None:
    """Answer with `head`, then with a byte now and then, as long as the other side listens."""
    with suppress(OSError):
        connection.sendall(head)
        while True:
            connection.sendall(byte)
            time.sleep(0.02)


def pour(connection: socket.socket, head: bytes, data: bytes) -> None:
    """Answer with `head`, then with `data` over and over, as fast as the client reads."""
    with suppress(OSError):
        connection.sendall(head)
        while True:
            connection.sendall(data)


CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
ENDLESS: dict[str, Answer] = {
    "drips its head": lambda connection: drip(connection, b"HTTP/1.1 200 OK\r\nX: ", b"x"),
    "drips heads of one line": lambda connection: drip(connection, b"HTTP/1.1 200 OK\r\n", b"X: y\r\n"),
    "drips its body": lambda connection: drip(connection, b"HTTP/1.1 200 OK\r\nContent-Length: 99999\r\n\r\n[", b" "),
    "drips chunks": lambda connection: drip(connection, CHUNKED, b"1\r\n \r\n"),
    "drips a size of a chunk": lambda connection: drip(connection, CHUNKED, b"0"),
    "never ends its body": lambda connection: pour(connection, CHUNKED, b"10000\r\n" + b" " * 65536 + b"\r\n"),
    "never ends its head": lambda connection: pour(connection, b"HTTP/1.1 200 OK\r\n", b"X: " + b"y" * 4096),
    "sends early hints forever": lambda connection: pour(connection, b"", b"HTTP/1.1 103 Early Hints\r\n\r\n" * 100),
    "speaks no HTTP": lambda connection: pour(connection, b"", b"\0" * 4096),
    "hangs up": lambda connection: None,
}
