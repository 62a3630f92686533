"""Chooses the kiosk's password: the operator's, the original's ``1234`` if only this machine can connect, or a
random one."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from typing import Final

from pydoom.kiosk.errors import KioskError
from pydoom.kiosk.listening import is_private

PASSWORD_LENGTH: Final = 8
"""VNC ignores the rest of a longer password."""
DEFAULT_PASSWORD: Final = "1234"
"""The original's password; the log says so when it is in use."""
ALLOW_FLAG: Final = "--allow-guessable-password"
_ALPHABET: Final = "abcdefghijkmnpqrstuvwxyz23456789"
"""Without characters that look alike: 5 bits a character, 40 in all."""
_MIN_LENGTH: Final = 6
_LEAST_WORD: Final = 2
_RUNS: Final = ("abcdefghijklmnopqrstuvwxyz", "qwertyuiop", "qwertzuiop", "asdfghjkl", "zxcvbnm", "azertyuiop")
_COMMON: Final = frozenset(
    (
        *("password", "passwort", "passw0rd", "p@ssw0rd", "letmein", "welcome", "qwerty", "qwertz", "azerty"),
        *("asdfgh", "asdfghjk", "iloveyou", "sunshine", "princess", "football", "baseball", "superman"),
        *("batman", "dragon", "monkey", "shadow", "master", "secret", "changeme", "default", "admin1"),
        *("admin123", "rootroot", "test1234", "testtest", "abc123", "abcd1234", "abcdef", "abcdefgh", "1q2w3e"),
        *(
            "1q2w3e4r",
            "q1w2e3r4",
            "1qaz2wsx",
            "zaq12wsx",
            "hunter",
            "trustno1",
            "computer",
            "internet",
            "docker",
            "doomguy",
            "pydoom",
            "player",
        ),
        *("doom", "freedoom", "vnc", "kiosk", "root", "admin", "user", "guest", "test", "pass", "passwd", "login"),
    )
)

_LETTERS: Final = str.maketrans("013457@$!", "oleastasi")
"""Digits and signs that people write for letters."""


@dataclass(frozen=True, slots=True)
class Password:
    """The kiosk's password, and whether it was generated for this run."""

    text: str
    is_new: bool = False


def choose(given: str, listen: str, *, allow_guessable: bool) -> Password:
    """The password for a kiosk that listens there. Raises `KioskError` if `given` cannot or should not be used."""
    private = is_private(listen)
    if not given:
        return Password(DEFAULT_PASSWORD) if private else Password(new_password(), is_new=True)
    if len(given) > PASSWORD_LENGTH:
        raise KioskError("the VNC password must have 1 to 8 characters: VNC ignores all after the eighth")
    if not (given.isprintable() and given.isascii()):
        raise KioskError("the VNC password must be printable ASCII")
    if not private and not allow_guessable and is_guessable(given):
        raise KioskError(
            f"VNC_PASSWORD is easily guessed, and others can connect to {listen}: choose 6 to 8 characters, not only "
            f"digits, or leave it empty for a random one; {ALLOW_FLAG} accepts it anyway"
        )
    return Password(given)


def new_password() -> str:
    """A random password, never one that `is_guessable` (by chance, one in some 60,000 would be all digits)."""
    while True:
        password = "".join(secrets.choice(_ALPHABET) for _ in range(PASSWORD_LENGTH))
        if not is_guessable(password):
            return password


def is_guessable(password: str) -> bool:
    """Whether a password is short, a number, a common word, a run of keys, or a few characters repeated.

    Digits, spaces and signs around a word do not make it better ("doom1234"), nor instead of letters ("pa55word"). One
    letter among digits is still a number.
    """
    plain = password.lower()
    spelt = {each.translate(_LETTERS) for each in (plain, re.sub(r"[^a-z]+$", "", plain))}
    word = re.sub(r"^[^a-z]+|[^a-z]+$", "", plain)
    repeated = re.fullmatch(r"(.{1,2})\1+.?|(.{3,4})\2+", plain) is not None
    run = any(word in keys or word[::-1] in keys for keys in _RUNS)
    return (
        len(plain) < _MIN_LENGTH or len(word) < _LEAST_WORD or repeated or run or bool({plain, word, *spelt} & _COMMON)
    )
