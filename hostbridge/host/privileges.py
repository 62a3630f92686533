"""Dropping what the bridge does not need: new privileges, core dumps, and root if asked to."""

from __future__ import annotations

import contextlib
import ctypes
import os
import pwd
import re
import resource
from dataclasses import dataclass
from typing import Final

from hostbridge.model import SetupError

_PR_SET_NO_NEW_PRIVS: Final = 38
_NUMBERS: Final = re.compile(r"([0-9]{1,9})(?::([0-9]{1,9}))?", re.ASCII)


def harden() -> None:
    """Keep programs we start from gaining privileges (set-user-ID files), and our memory out of core dumps."""
    with contextlib.suppress(OSError, AttributeError):  # not every C library has prctl
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


@dataclass(frozen=True, slots=True)
class Account:
    """A user to become. Without a name there are no groups but the one."""

    uid: int
    gid: int
    name: str = ""

    def __str__(self) -> str:
        return f"user {self.name or self.uid}"


def account_of(text: str) -> Account:
    """The account that ``USER``, ``UID`` or ``UID:GID`` means. Raises SetupError."""
    numbers = _NUMBERS.fullmatch(text)
    try:
        if numbers is None:
            entry = pwd.getpwnam(text)
        elif numbers[2] is not None:
            return Account(int(numbers[1]), int(numbers[2]))
        else:
            entry = pwd.getpwuid(int(numbers[1]))
    except KeyError:
        hint = "; say UID:GID" if numbers else ""
        raise SetupError(f"there is no user {text!r}{hint}") from None
    return Account(entry.pw_uid, entry.pw_gid, entry.pw_name)


def become(account: Account) -> None:
    """Switch to a user with all their groups (one of which must be the engine's socket's). Raises SetupError."""
    if os.getuid() == account.uid:
        return
    try:
        if account.name:
            os.initgroups(account.name, account.gid)
        else:
            os.setgroups([account.gid])
        os.setgid(account.gid)
        os.setuid(account.uid)
    except OSError as error:
        raise SetupError(f"cannot become {account}: {error.strerror}") from error
