"""How the browser page logs in: it proves that it knows the VNC password without sending it, and gets a session.

The server sends a challenge and the page answers with its HMAC-SHA256, keyed with the password. The session's token
goes into a cookie; with it, sockets open without another login, and the limits on strangers do not apply.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
import time
from collections import OrderedDict
from dataclasses import dataclass
from typing import Final

from pydoom import parsing

SESSION_SECONDS: Final = 12 * 3600
"""How long a session lasts after its last use."""
MAX_SESSIONS: Final = 256
CHALLENGE_SECONDS: Final = 60
_REMEMBERED_SECONDS: Final = SESSION_SECONDS
"""Longer than a second answer to the same challenge can wait to be judged: 200 of one address that take turns with 200
others (`guesses.MAX_WAITING`) take less than six hours at two a second. Only right answers are remembered."""
_CONTEXT: Final = b"pydoom page:"
"""Makes an answer useless for any other protocol."""
_CHALLENGE: Final = re.compile(r"(\d{1,12})-[0-9a-f]{32}-[0-9a-f]{64}", re.ASCII)
_ANSWER: Final = re.compile(r"[0-9a-f]{64}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Answer:
    """What the page sends to log in."""

    challenge: str
    answer: str


def parse_answer(body: bytes) -> Answer | None:
    """The answer in a request's body; None if the body is not a valid answer."""
    try:
        found = parsing.json_value(body)
    except ValueError:
        return None
    if not isinstance(found, dict):
        return None
    challenge, answer = found.get("challenge"), found.get("answer")
    if not (isinstance(challenge, str) and _CHALLENGE.fullmatch(challenge)):
        return None
    if not (isinstance(answer, str) and _ANSWER.fullmatch(answer)):
        return None
    return Answer(challenge, answer)


def answer_to(challenge: str, password: str) -> str:
    """The right answer: 64 hexadecimal digits."""
    return hmac.new(password.encode(), _CONTEXT + challenge.encode(), hashlib.sha256).hexdigest()


def is_right(answer: Answer, password: str) -> bool:
    """Whether the answer proves that the page knows `password`; takes the same time either way."""
    return hmac.compare_digest(answer.answer, answer_to(answer.challenge, password))


class Challenges:
    """Issues challenges without storing them, so that asking for many costs no memory: they are signed, and expire."""

    def __init__(self) -> None:
        self._key = secrets.token_bytes(32)
        self._used: dict[str, float] = {}
        """Challenges already used to open a session, which none may do twice, and until when they are remembered."""

    def new(self) -> str:
        """A challenge nobody has seen before."""
        return self._signed(f"{int(time.time()) + CHALLENGE_SECONDS}-{secrets.token_hex(16)}")

    def is_valid(self, challenge: str) -> bool:
        """Whether the challenge was issued here, has not expired and was not used."""
        match = _CHALLENGE.fullmatch(challenge)
        if match is None or not hmac.compare_digest(challenge, self._signed(challenge.rpartition("-")[0])):
            return False
        return time.time() < int(match[1]) and challenge not in self._used

    def use(self, challenge: str) -> bool:
        """Never accept an answer to this challenge again; return whether it was still unused.

        It may have expired while its answer waited to be judged.
        """
        now = time.time()
        self._used = {each: expiry for each, expiry in self._used.items() if expiry > now}
        if challenge in self._used:
            return False
        self._used[challenge] = now + _REMEMBERED_SECONDS
        return True

    def _signed(self, text: str) -> str:
        return f"{text}-{hmac.new(self._key, text.encode(), hashlib.sha256).hexdigest()}"


class Sessions:
    """The tokens of pages that have logged in."""

    def __init__(self) -> None:
        self._expiries: OrderedDict[str, float] = OrderedDict()

    def begin(self) -> str:
        """Start a session and return its token. If there are too many, the one unused for longest is dropped."""
        token = secrets.token_urlsafe(32)
        if len(self._expiries) >= MAX_SESSIONS:
            self._expiries.popitem(last=False)
        self._expiries[token] = time.monotonic() + SESSION_SECONDS
        return token

    def is_open(self, token: str) -> bool:
        """Whether this is the token of an open session. If so, the session's expiry is extended."""
        expiry = self._expiries.get(token)
        if expiry is None or expiry < time.monotonic():
            return False
        self._expiries[token] = time.monotonic() + SESSION_SECONDS
        self._expiries.move_to_end(token)
        return True
