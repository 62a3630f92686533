"""The server's side of the RFB handshake: version, security type and password (RFC 6143, 7.1 and 7.2).

No sockets here: bytes go in, bytes to send come out. Versions 3.3, 3.7 and 3.8 are supported; any other 3.x is treated
as the highest of these that is not above it, as the RFC asks. The only security type is the VNC password: the server
sends 16 random bytes and the viewer returns them encrypted with DES, keyed with the password.
"""

from __future__ import annotations

import enum
import hmac
import re
import secrets
from typing import Final

from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
from cryptography.hazmat.primitives.ciphers import Cipher, modes

from pydoom.kiosk.passwords import PASSWORD_LENGTH

CHALLENGE_BYTES: Final = 16
VERSION: Final = b"RFB 003.008\n"
SECURITY_NONE: Final = 1
SECURITY_PASSWORD: Final = 2
_ADMITTED: Final = (0).to_bytes(4, "big")
_REFUSED: Final = (1).to_bytes(4, "big")
_MAX_EARLY_BYTES: Final = 1024
"""How much a viewer may send beyond the handshake before it is admitted."""


class RfbError(Exception):
    """A viewer that does not follow the protocol, or asks for something not supported here."""


def password_answer(password: str, challenge: bytes) -> bytes:
    """What a viewer that knows `password` answers to a 16-byte challenge."""
    # every byte of the key is used with its bits in reverse order, as the first VNC did
    key = bytes(int(f"{byte:08b}"[::-1], 2) for byte in password.encode("latin-1")[:PASSWORD_LENGTH].ljust(8, b"\0"))
    # triple DES with three equal keys is single DES
    encryptor = Cipher(TripleDES(key * 3), modes.ECB()).encryptor()
    return encryptor.update(challenge) + encryptor.finalize()


class HandshakeStage(enum.Enum):
    """What the viewer must send next."""

    VERSION = enum.auto()
    SECURITY = enum.auto()
    ANSWER = enum.auto()
    ANSWERED = enum.auto()


class ServerHandshake:
    """One viewer's handshake. Send `VERSION` first, then what `receive` returns, until `stage` is ANSWERED.

    Then ask `is_right` and send what `verdict` returns.
    """

    def __init__(self) -> None:
        self.stage = HandshakeStage.VERSION
        self._challenge = secrets.token_bytes(CHALLENGE_BYTES)
        self._minor = 8
        self._answer = b""
        self._received = b""

    def receive(self, data: bytes) -> bytes:
        """Take any number of bytes from the viewer; return what to send. Raises `RfbError`."""
        self._received += data
        reply = b""
        while (taken := self._take()) is not None:
            reply += self._advance(taken)
        if len(self._received) > _MAX_EARLY_BYTES:
            raise RfbError("too much data at once")
        return reply

    @property
    def early(self) -> bytes:
        """Bytes that came after the answer and are for the VNC server."""
        return self._received

    def is_right(self, password: str) -> bool:
        """Whether the viewer's answer proves that it knows `password`."""
        return hmac.compare_digest(self._answer, password_answer(password, self._challenge))

    def verdict(self, problem: str | None) -> bytes:
        """The result to send: admitted, or refused because of `problem`."""
        if problem is None:
            return _ADMITTED
        text = problem.encode()
        return _REFUSED + (len(text).to_bytes(4, "big") + text if self._minor >= 8 else b"")

    def _take(self) -> bytes | None:
        """The bytes of the next message, if it is the viewer's turn and the message is complete."""
        lengths = {
            HandshakeStage.VERSION: len(VERSION),
            HandshakeStage.SECURITY: 1,
            HandshakeStage.ANSWER: CHALLENGE_BYTES,
        }
        length = lengths.get(self.stage)
        if length is None or len(self._received) < length:
            return None
        taken, self._received = self._received[:length], self._received[length:]
        return taken

    def _advance(self, message: bytes) -> bytes:
        if self.stage is HandshakeStage.VERSION:
            self._minor = _minor_version(message)
            if self._minor >= 7:
                self.stage = HandshakeStage.SECURITY
                return bytes((1, SECURITY_PASSWORD))
            self.stage = HandshakeStage.ANSWER
            return SECURITY_PASSWORD.to_bytes(4, "big") + self._challenge
        if self.stage is HandshakeStage.SECURITY:
            if message[0] != SECURITY_PASSWORD:
                raise RfbError(f"security type {message[0]} is not offered")
            self.stage = HandshakeStage.ANSWER
            return self._challenge
        self._answer = message
        self.stage = HandshakeStage.ANSWERED
        return b""


def _minor_version(message: bytes) -> int:
    """3, 7 or 8."""
    match = re.fullmatch(rb"RFB 003\.(\d{3})\n", message)
    if match is None:
        raise RfbError("not RFB 3")
    minor = int(match[1])
    return 8 if minor >= 8 else 7 if minor == 7 else 3
