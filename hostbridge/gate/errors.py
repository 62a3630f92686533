"""The gate's one error: a request that is not let through."""

from __future__ import annotations

import json
from http import HTTPStatus


class GateError(Exception):
    """A request that the gate answers itself, with a status and one sentence for people."""

    def __init__(self, status: HTTPStatus, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message

    @property
    def body(self) -> bytes:
        """The error in the engine's JSON format."""
        return json.dumps({"message": self.message}).encode("ascii") + b"\n"
