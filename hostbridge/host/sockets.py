"""The bridge's Unix socket: its path, mode and owner, and who is at the other end."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import grp
import os
import socket
import stat
import struct
import tempfile
from pathlib import Path
from typing import Final

from hostbridge.host import ownership
from hostbridge.host.ownership import UntrustedError
from hostbridge.model import Peer, SetupError

BACKLOG: Final = 256
LISTEN_FDS_START: Final = 3
MAX_PATH: Final = 107  # bytes the kernel has room for

_UCRED: Final = struct.Struct("3i")


def default_path() -> Path:
    """``bridge.sock`` in the user's runtime folder, else in a private folder in the temporary directory."""
    runtime = os.environ.get("XDG_RUNTIME_DIR")
    if runtime and Path(runtime).is_dir():
        return Path(runtime) / "pydoom" / "bridge.sock"
    try:
        temporary = tempfile.gettempdir()
    except FileNotFoundError:  # a container in which nothing can be written
        temporary = "/tmp"
    return Path(temporary) / f"pydoom-{os.getuid()}" / "bridge.sock"


def group_id(name: str) -> int:
    """The number of a group given by name or number. Raises SetupError."""
    if name.isdigit():
        return int(name)
    try:
        return grp.getgrnam(name).gr_gid
    except KeyError:
        raise SetupError(f"there is no group {name!r}") from None


def peer_of(connection: socket.socket) -> Peer:
    """Who connected, as the kernel noted it then."""
    pid, uid, gid = _UCRED.unpack(connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _UCRED.size))
    return Peer(uid, gid, pid)


class ListeningSocket:
    """A listening socket at `path` that is ours alone: mode 0600, or 0660 with `group`.

    A lock beside it decides between two bridges, so that a socket left behind by a crash can be replaced and a live
    one is never stolen.
    """

    def __init__(self, path: Path, group: int | None = None, owner: int | None = None) -> None:
        """`owner` may own the folder besides root and ourselves: the user we are about to become."""
        self.path = path
        self._group = group
        self._owners = ownership.owners(owner)
        self._owner = owner
        self._identity = (0, 0)
        _prepare_folder(path, group, self._owners, owner)
        self._lock = self._take_lock()
        try:
            self.socket = self._bind()
        except BaseException:
            with contextlib.suppress(OSError):
                self._lock_path.unlink()  # while we have it: nothing is left behind in /dev, for example
            os.close(self._lock)
            raise

    def check(self) -> None:
        """Make sure that the user we have become can see the socket. Raises SetupError."""
        if not self.intact():
            raise SetupError(f"user {os.geteuid()} cannot reach {self.path}: choose another place with --socket")

    def intact(self) -> bool:
        """Whether the path still leads to this socket."""
        try:
            found = self.path.lstat()
        except OSError:
            return False
        return (found.st_dev, found.st_ino) == self._identity

    def rebind(self) -> socket.socket:
        """Listen at the path again after somebody deleted it. Raises SetupError or OSError."""
        _prepare_folder(self.path, self._group, self._owners, self._owner)
        self.socket = self._bind()
        return self.socket

    def close(self) -> None:
        """Stop listening and clean up."""
        self.socket.close()
        with contextlib.suppress(OSError):  # we may have dropped root by now: see `privileges`
            if self.intact():
                self.path.unlink(missing_ok=True)
            self._lock_path.unlink(missing_ok=True)
        os.close(self._lock)

    @property
    def _lock_path(self) -> Path:
        return self.path.with_name(self.path.name + ".lock")

    def _take_lock(self) -> int:
        try:
            while True:
                lock = ownership.open_file(self._lock_path, os.O_RDWR | os.O_CREAT, self._owners)
                try:
                    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:
                    os.close(lock)
                    raise SetupError(f"another bridge is listening on {self.path}") from None
                # the previous holder may have deleted the file between our open and our lock
                with contextlib.suppress(FileNotFoundError):
                    if os.stat(self._lock_path).st_ino == os.fstat(lock).st_ino:
                        return lock
                os.close(lock)
        except OSError as error:
            raise SetupError(f"cannot use {self._lock_path}: {error.strerror}") from error

    def _bind(self) -> socket.socket:
        _clear_stale(self.path)
        listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_NONBLOCK)
        old_mask = os.umask(0o177)
        try:
            listening.bind(str(self.path))
        except OSError as error:
            listening.close()
            raise SetupError(f"cannot listen on {self.path}: {error.strerror}") from error
        finally:
            os.umask(old_mask)
        listening.listen(BACKLOG)
        try:
            if self._group is not None:
                _open_to_group(self.path, self._group)
            found = self.path.lstat()
        except OSError as error:
            listening.close()
            self.path.unlink(missing_ok=True)
            raise SetupError(f"cannot give {self.path} to group {self._group}: {error.strerror}") from error
        self._identity = (found.st_dev, found.st_ino)
        return listening


class InheritedSocket:
    """A listening socket passed by systemd (socket activation), whose unit sets its path and mode."""

    def __init__(self, descriptor: int) -> None:
        try:
            self.socket = socket.socket(fileno=descriptor)
        except OSError as error:
            raise SetupError(f"file descriptor {descriptor} is not a socket: {error.strerror}") from error
        if self.socket.family != socket.AF_UNIX or not self.socket.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN):
            raise SetupError("the socket passed to us is not a listening Unix socket: set ListenStream=/PATH")
        name = self.socket.getsockname()
        if not isinstance(name, str) or not name:
            raise SetupError("an abstract socket is open to all users: set ListenStream=/PATH")
        self.socket.setblocking(False)
        self.path = Path(name)
        try:
            ownership.check_folder(self.path.parent, ownership.owners())
        except OSError as error:
            raise SetupError(f"{error.strerror}: choose another ListenStream=") from error

    def check(self) -> None:
        """Nothing: systemd looks after it."""

    def intact(self) -> bool:
        """Always: systemd looks after it."""
        return True

    def rebind(self) -> socket.socket:
        """Never called, because `intact` is always true."""
        return self.socket

    def close(self) -> None:
        """Leave it to systemd, which starts us again for the next client."""
        self.socket.close()


def inherited() -> InheritedSocket | None:
    """The socket that systemd passed to this process, if it did. Raises SetupError."""
    if os.environ.get("LISTEN_PID") != str(os.getpid()):
        return None
    if os.environ.get("LISTEN_FDS") != "1":
        raise SetupError("set exactly one ListenStream= in the socket unit")
    return InheritedSocket(LISTEN_FDS_START)


def _prepare_folder(path: Path, group: int | None, owners: frozenset[int], owner: int | None) -> None:
    """Create the socket's folder; refuse one where anyone but `owners` could replace the socket."""
    if len(os.fsencode(path)) > MAX_PATH:
        raise SetupError(f"the socket's path is longer than {MAX_PATH} bytes: {path}")
    folder = path.parent
    try:
        if ownership.make_folder(folder, owners, owner=owner) and group is not None:
            os.chown(folder, -1, group)
            folder.chmod(0o750)
    except UntrustedError as error:
        raise SetupError(f"{error.strerror}: choose another place with --socket") from error
    except OSError as error:
        raise SetupError(f"cannot create {folder}: {error.strerror}") from error


def _open_to_group(path: Path, group: int) -> None:
    """Give our socket to a group, and never a file somebody put in its place. Raises OSError."""
    fd = os.open(path, os.O_PATH | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        found = os.fstat(fd)
        if not stat.S_ISSOCK(found.st_mode) or found.st_uid != os.geteuid():
            raise OSError(errno.EPERM, "somebody has replaced the socket")
        os.chown(f"/proc/self/fd/{fd}", -1, group)
        os.chmod(f"/proc/self/fd/{fd}", 0o660)
    finally:
        os.close(fd)


def _clear_stale(path: Path) -> None:
    """Remove a socket nobody listens on. Raises SetupError when somebody does, or when it is not a socket."""
    try:
        mode = path.lstat().st_mode
    except FileNotFoundError:
        return
    if not stat.S_ISSOCK(mode):
        raise SetupError(f"{path} exists and is not a socket")
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.settimeout(2)
        try:
            probe.connect(str(path))
        except OSError as error:
            if error.errno not in (errno.ECONNREFUSED, errno.ENOENT):
                raise SetupError(f"something is listening on {path}, and it does not answer") from error
        else:
            raise SetupError(f"something is listening on {path} already")
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise SetupError(f"cannot remove {path}, a socket nobody listens on: {error.strerror}") from error
