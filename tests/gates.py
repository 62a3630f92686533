"""A gate in the test's own process: real socket, real server, in front of any engine."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from hostbridge.admission import Access
from hostbridge.backends.endpoint import Endpoint
from hostbridge.gate.gate import MAX_CONNECTIONS, Gate, Way
from hostbridge.gate.guard import Guard
from hostbridge.gate.table import TABLE, Table
from hostbridge.policy.rules import Policy
from tests.bridges import InThread, read_all

GONE = b"connection closed"


class RunningGate(InThread):
    """A gate; by default it lets through everything in the table, and judges containers only by a given policy."""

    def __init__(
        self,
        folder: Path,
        engine: str | Endpoint,
        rows: Iterable[str] = tuple(TABLE),
        places: int = MAX_CONNECTIONS,
        access: Access | None = None,
        policy: Policy | None = None,
    ) -> None:
        super().__init__(folder / "gate.sock")
        self.url = f"unix://{self.path}"
        endpoint = engine if isinstance(engine, Endpoint) else Endpoint(engine)
        guard = Guard(endpoint, policy) if policy is not None else None
        self._way = Way(endpoint, Table(rows), access or Access(), guard)
        self._places = places

    async def _serve(self) -> None:
        self.gate = Gate(self._listening, self._way, self._places)
        self._ready.set()
        await self.gate.serve(self._stop)

    def ask(self, data: bytes) -> bytes:
        """Send `data` on a connection of its own; the whole answer, or `GONE` when there is none."""
        with self.connect() as client:
            try:
                client.sendall(data)
                return read_all(client) or GONE
            except (BrokenPipeError, ConnectionResetError):
                return GONE

    def status(self, method: str, target: str, body: bytes = b"", *headers: str) -> int:
        """The status of the answer to a well-formed request."""
        lines = [f"{method} {target} HTTP/1.1", "Host: docker", f"Content-Length: {len(body)}", *headers, "", ""]
        return status_of(self.ask("\r\n".join(lines).encode() + body))


def status_of(answer: bytes) -> int:
    """The status of a whole answer; 0 when there is none."""
    return 0 if answer == GONE else int(answer.split(b" ", 2)[1])
