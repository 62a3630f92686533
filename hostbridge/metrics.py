"""``--metrics``: a page of numbers for Prometheus over HTTP, on the loopback interface unless told otherwise.

Numbers only: no names of containers, since anyone who can reach the port may read it.
"""

from __future__ import annotations

import asyncio
from typing import Final

from hostbridge.model import SetupError
from hostbridge.server import Server

REQUEST_SECONDS: Final = 5.0
MAX_HEAD: Final = 8 * 1024


def address_of(text: str) -> tuple[str, int]:
    """``PORT`` or ``HOST:PORT``. Raises SetupError."""
    host, _, port = text.rpartition(":")
    if not port.isdigit() or not 0 <= int(port) < 65536:
        raise SetupError(f"--metrics {text}: say PORT or HOST:PORT")
    return host.strip("[]") or "127.0.0.1", int(port)


def render(server: Server) -> str:
    """The page in Prometheus's text format."""
    roster, executioner = server.roster, server.executioner
    protected = sum(server.policy.judge(each).protected for each in roster.newest_first())
    lines = [
        "# HELP pydoom_containers Containers in the roster.",
        "# TYPE pydoom_containers gauge",
        f'pydoom_containers{{protected="false"}} {len(roster) - protected}',
        f'pydoom_containers{{protected="true"}} {protected}',
        "# HELP pydoom_engine_up Whether the container engine answers.",
        "# TYPE pydoom_engine_up gauge",
        f"pydoom_engine_up {int(roster.engine == 'up')}",
        "# HELP pydoom_connections Open connections.",
        "# TYPE pydoom_connections gauge",
        f"pydoom_connections {len(server.sessions)}",
        "# HELP pydoom_kills_total Kills asked for, by result.",
        "# TYPE pydoom_kills_total counter",
        *(f'pydoom_kills_total{{result="{result}"}} {count}' for result, count in sorted(executioner.counts.items())),
        "# HELP pydoom_kill_seconds Time from request to result of kills that were done.",
        "# TYPE pydoom_kill_seconds histogram",
        *executioner.timing.lines("pydoom_kill_seconds"),
        "# HELP pydoom_request_seconds Time to answer requests; of a kill, to begin it.",
        "# TYPE pydoom_request_seconds histogram",
        *(
            line
            for name, timing in sorted(server.timings.items())
            for line in timing.lines("pydoom_request_seconds", f'request="{name}"')
        ),
    ]
    return "\n".join(lines) + "\n"


async def start(server: Server, host: str, port: int) -> asyncio.Server:
    """Begin to serve the page. Raises SetupError when the port cannot be had."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), REQUEST_SECONDS)
            writer.write(_response(server, head))
            await asyncio.wait_for(writer.drain(), REQUEST_SECONDS)
        except (OSError, TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            return
        finally:
            writer.close()

    try:
        return await asyncio.start_server(answer, host, port, limit=MAX_HEAD)
    except OSError as error:
        raise SetupError(f"cannot serve metrics on {host}:{port}: {error.strerror}") from error


def _response(server: Server, head: bytes) -> bytes:
    words = head.split(b"\r\n", 1)[0].split(b" ")
    if words[:1] != [b"GET"]:
        status, body = "405 Method Not Allowed", "only GET\n"
    elif len(words) < 2 or words[1].split(b"?")[0] not in (b"/metrics", b"/"):
        status, body = "404 Not Found", "see /metrics\n"
    else:
        status, body = "200 OK", render(server)
    lines = [
        f"HTTP/1.1 {status}",
        "Content-Type: text/plain; version=0.0.4; charset=utf-8",
        f"Content-Length: {len(body)}",
        "Connection: close",
    ]
    return ("\r\n".join(lines) + "\r\n\r\n" + body).encode("ascii")
