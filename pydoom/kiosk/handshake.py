"""Whether a VNC server has let a browser in: read from what the server says, since only the server knows.

The server's side of RFB 3.7 and 3.8 with a password: its version, the kinds of security it offers, sixteen bytes of
challenge, and the result (RFC 6143, 7.1 and 7.2). Anything else, older versions included, counts as not
let in: noVNC never uses it.
"""

from __future__ import annotations

from typing import Final

_VERSION_BYTES: Final = 12
_CHALLENGE_BYTES: Final = 16
_RESULT_BYTES: Final = 4
_PASSWORD_KIND: Final = 2


class Handshake:
    """One connection's progress."""

    def __init__(self) -> None:
        self._said = b""
        self._decided = False
        self.challenged = False
        """The server has asked for the password: any answer is a guess."""
        self.admitted = False

    def server_said(self, data: bytes) -> None:
        """Take bytes from the server, in pieces of any size."""
        if self._decided:
            return
        self._said += data
        kinds_at = _VERSION_BYTES + 1
        if len(self._said) < kinds_at:
            return
        kinds = self._said[kinds_at : kinds_at + self._said[_VERSION_BYTES]]
        challenge_at = kinds_at + self._said[_VERSION_BYTES]
        result_at = challenge_at + _CHALLENGE_BYTES
        if len(self._said) < result_at:
            return
        self.challenged = True
        result = self._said[result_at : result_at + _RESULT_BYTES]
        if len(result) == _RESULT_BYTES:
            self._decided = True
            self.admitted = kinds == bytes((_PASSWORD_KIND,)) and result == bytes(_RESULT_BYTES)
            self._said = b""
