"""The one error of the gate: a request that does not get through."""

from __future__ import annotations

import json
from http import HTTPStatus


class GateError(Exception):
    """A request that is answered by the gate itself, with a status and one sentence for people."""

    def __init__(self, status: HTTPStatus, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message

    @property
    def body(self) -> bytes:
        """The error in the engine's own shape."""
        return json.dumps({"message": self.message}).encode("ascii") + b"\n"
