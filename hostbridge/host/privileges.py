"""Dropping what the bridge does not need: new privileges, core dumps, and root if asked to."""

from __future__ import annotations

import contextlib
import ctypes
import os
import pwd
import resource
from typing import Final

from hostbridge.model import SetupError

_PR_SET_NO_NEW_PRIVS: Final = 38


def harden() -> None:
    """Keep programs we start from gaining privileges (set-user-ID files), and our memory out of core dumps."""
    with contextlib.suppress(OSError, AttributeError):  # not every C library has prctl
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def entry_of(user: str) -> pwd.struct_passwd:
    """The user's entry in the password database. Raises SetupError."""
    try:
        return pwd.getpwnam(user)
    except KeyError:
        raise SetupError(f"there is no user {user!r}") from None


def become(user: str) -> None:
    """Switch to `user` with all their groups (one of which must be the Docker socket's). Raises SetupError."""
    entry = entry_of(user)
    if os.getuid() == entry.pw_uid:
        return
    try:
        os.initgroups(user, entry.pw_gid)
        os.setgid(entry.pw_gid)
        os.setuid(entry.pw_uid)
    except OSError as error:
        raise SetupError(f"cannot become {user}: {error.strerror}") from error
