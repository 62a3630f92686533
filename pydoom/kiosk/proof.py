"""How the browser page proves that it knows the VNC password, without sending it.

The server sends a random challenge and the page answers with HMAC-SHA256 of it, keyed with the password. Answers are
judged one at a time. After a wrong answer, every login is refused for one second, so that neither more connections nor
ignoring the answer makes guessing faster.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import secrets
import time
from typing import Final

PENALTY_SECONDS: Final = 1.0
_CONTEXT: Final = b"pydoom sound:"
"""Keeps an answer from being valid for anything else."""


def new_challenge() -> str:
    """A challenge nobody has seen before."""
    return secrets.token_hex(32)


def answer_to(challenge: str, password: str) -> str:
    """The right answer: 64 hexadecimal digits."""
    return hmac.new(password.encode(), _CONTEXT + challenge.encode(), hashlib.sha256).hexdigest()


class PasswordCheck:
    """Judges answers for one password."""

    def __init__(self, password: str, penalty_seconds: float = PENALTY_SECONDS) -> None:
        self._password = password
        self._penalty_seconds = penalty_seconds
        self._turn = asyncio.Lock()
        self._closed_until = 0.0

    async def admits(self, challenge: str, answer: str) -> bool:
        """Whether `answer` proves the password; waits for its turn."""
        async with self._turn:
            await asyncio.sleep(max(0.0, self._closed_until - time.monotonic()))
            right = hmac.compare_digest(answer_to(challenge, self._password).encode(), answer.encode())
            if not right:
                self._closed_until = time.monotonic() + self._penalty_seconds
            return right
