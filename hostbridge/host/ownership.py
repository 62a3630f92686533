"""One set of rules for every file and folder whose content the bridge trusts.

The policy, the audit log (rotated ones too), the socket and the lock beside it are only as trustworthy as anyone who
can replace them. So each folder from the root down, and each symbolic link on the way, must belong to us or to root,
and nobody else may be able to change it: not others, and not a group with other people in it. A folder with a sticky
bit may be open to all, because only the owner can remove a file there. In a container, files on a read-only mount were
provided by the person who started it, and nobody inside can change them (a Kubernetes ConfigMap's mode is open to all,
and a bind mount belongs to a user of the host).

The same rules as those of sshd (``StrictModes``), with git's exception for sudo: root trusts who called it.
"""

from __future__ import annotations

import errno
import grp
import os
import pwd
import stat
from pathlib import Path
from typing import Final

MAX_LINKS: Final = 40
SYSTEM_UIDS: Final = 1000
"""User IDs below this belong to services, not to people."""

_CONTAINER_SIGNS: Final = tuple(map(Path, ("/.dockerenv", "/run/.containerenv", "/var/run/secrets/kubernetes.io")))


class UntrustedError(OSError):
    """Somebody else could change the file; `strerror` is a sentence that begins with its path."""

    def __init__(self, message: str) -> None:
        super().__init__(errno.EPERM, message)


def owners(*more: int | None) -> frozenset[int]:
    """User IDs that are trusted: root, ourselves, the user who called sudo, and `more`."""
    found = {0, os.geteuid(), *(each for each in more if each is not None)}
    caller = os.environ.get("SUDO_UID", "")
    if os.geteuid() == 0 and caller.isascii() and caller.isdigit():
        found.add(int(caller))
    return frozenset(found)


def check_folder(folder: Path, trusted: frozenset[int]) -> None:
    """Refuse a folder if others could replace it, its parents or its contents. Raises OSError."""
    _walk(folder, trusted)


def make_folder(folder: Path, trusted: frozenset[int], mode: int = 0o700, owner: int | None = None) -> bool:
    """Create a folder and its parents if missing; return whether it is new. Raises OSError.

    The parents get mode 0755: they only lead here and hold nothing of ours. `owner` gets the folder itself.
    """
    if folder.is_dir():
        check_folder(folder, trusted)
        return False
    missing = []
    while not folder.is_dir():
        missing.append(folder)
        folder = folder.parent
    check_folder(folder, trusted)
    for each in reversed(missing):
        each.mkdir()
        each.chmod(mode if each == missing[0] else 0o755)
    if owner is not None:
        os.chown(missing[0], owner, -1)
    check_folder(missing[0], trusted)
    return True


def open_file(path: Path, flags: int, trusted: frozenset[int], mode: int = 0o600) -> int:
    """Open a file that only trusted users can change or replace. Raises OSError.

    The last part of the path may be a link only when the file is opened for reading.
    """
    _walk(path.parent, trusted)
    writing = flags & os.O_ACCMODE != os.O_RDONLY
    if not writing and path.is_symlink():
        path = _walk(path, trusted, a_file=True)
    try:
        fd = os.open(path, flags | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK, mode)
    except OSError as error:
        if error.errno == errno.ELOOP:
            error.strerror = "it is a symbolic link"
        raise
    try:
        check_file(fd, path, trusted, writing)
    except OSError:
        os.close(fd)
        raise
    return fd


def check_file(fd: int, path: Path, trusted: frozenset[int], writing: bool = True) -> None:
    """Refuse an open file that others own, could change, or know under another name. Raises OSError."""
    found = os.fstat(fd)
    if not stat.S_ISREG(found.st_mode):
        if writing or stat.S_ISDIR(found.st_mode):
            raise OSError(errno.EINVAL, "it is not a regular file")
        if stat.S_ISCHR(found.st_mode):
            return  # who may write to a device does not matter
    _check(path, found, trusted)
    if writing and found.st_nlink > 1:
        raise UntrustedError(f"{path} has a hard link elsewhere")


def check_regular(path: Path) -> None:
    """Refuse what is not a regular file: opening a FIFO may wait forever, and devices are not ours. Raises OSError."""
    if not stat.S_ISREG(path.stat().st_mode):
        raise OSError(errno.EINVAL, "it is not a regular file")


def read_file(path: Path, limit: int, trusted: frozenset[int]) -> bytes:
    """The first `limit` bytes of a trusted file. Raises OSError."""
    fd = open_file(path, os.O_RDONLY, trusted)
    os.set_blocking(fd, True)
    with open(fd, "rb") as file:
        return file.read(limit)


def _walk(path: Path, trusted: frozenset[int], a_file: bool = False) -> Path:
    """Check every folder from the root to `path` (or to the folder of `a_file`); return where the links lead."""
    here = Path("/")
    _check(here, here.lstat(), trusted)
    ahead = list(reversed(path.absolute().parts[1:]))
    links = 0
    while ahead:
        part = ahead.pop()
        if part in ("", "."):
            continue
        if part == "..":
            here = here.parent
            continue
        each = here / part
        found = each.lstat()
        if stat.S_ISLNK(found.st_mode):
            links += 1
            if links > MAX_LINKS:
                raise OSError(errno.ELOOP, os.strerror(errno.ELOOP))
            _check_owner(each, found, trusted)
            target = os.readlink(each)
            here = Path("/") if target.startswith("/") else here
            ahead += reversed(target.split("/"))
            continue
        here = each
        if ahead or not a_file:
            if not stat.S_ISDIR(found.st_mode):
                raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR))
            _check(here, found, trusted)
    return here


def _check(path: Path, found: os.stat_result, trusted: frozenset[int]) -> None:
    """Refuse a file or folder that others own or may change."""
    if _is_given(path):
        return
    _check_owner(path, found, trusted)
    if stat.S_ISDIR(found.st_mode) and found.st_mode & stat.S_ISVTX:
        return
    if found.st_mode & stat.S_IWOTH:
        raise UntrustedError(f"{path} can be changed by everyone")
    if found.st_mode & stat.S_IWGRP and not _is_trusted_group(found.st_gid, trusted):
        raise UntrustedError(f"{path} can be changed by group {_group_name(found.st_gid)}")


def _check_owner(path: Path, found: os.stat_result, trusted: frozenset[int]) -> None:
    if found.st_uid not in trusted:
        raise UntrustedError(f"{path} belongs to others (user {_user_name(found.st_uid)})")


def _is_given(path: Path) -> bool:
    """Whether the path lies on a read-only mount of our container."""
    if not any(each.exists() for each in _CONTAINER_SIGNS):
        return False  # a read-only mount may be for us alone, as with systemd's ProtectSystem=
    try:
        return bool(os.statvfs(path).f_flag & os.ST_RDONLY)
    except OSError:
        return False


def _is_trusted_group(gid: int, trusted: frozenset[int]) -> bool:
    """Whether a group has nobody in it but trusted users and services: a user's private group, or syslog's.

    A group without known members does not count: processes may still run with its number, as the game does.
    """
    if gid == 0:
        return True
    try:
        named = {pwd.getpwnam(name).pw_uid for name in grp.getgrgid(gid).gr_mem}
    except KeyError:
        return False
    members = named | {each.pw_uid for each in pwd.getpwall() if each.pw_gid == gid}
    return bool(members) and all(uid in trusted or uid < SYSTEM_UIDS for uid in members)


def _group_name(gid: int) -> str:
    try:
        return grp.getgrgid(gid).gr_name
    except KeyError:
        return str(gid)


def _user_name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)
