"""Targets that three commands list, kill and wound, like psdoom-ng's PSDOOMPSCMD: processes, virtual machines...

Commands are run directly, never through a shell. `{id}` in one of their arguments stands for the target's ID; without
it the ID is the last argument. What the list command prints is not trusted: no ID may look like an option, and endless
output, a command that hangs, and unprintable characters in a name do no harm.
"""

from __future__ import annotations

import contextlib
import os
import re
import selectors
import shlex
import signal
import subprocess
import threading
import time
from collections.abc import Sequence
from typing import IO, ClassVar, Final

from hostbridge.backends.base import Backend
from hostbridge.model import Code, Container, KillAction, RequestError, SetupError

TIMEOUT_SECONDS: Final = 10.0
POLL_SECONDS: Final = 0.05
MAX_OUTPUT: Final = 4 * 1024 * 1024
MAX_ERRORS: Final = 4096  # bytes of the standard error that are kept
END_SECONDS: Final = 5.0
"""How long a killed target may take to end; after that it is listed again if it is still there."""
MAX_TARGETS: Final = 10_000
MAX_NAME: Final = 128

_ID: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.:@/+-]{0,255}")


class CommandBackend(Backend):
    """Targets are what the list command prints, one a line: an ID and a name.

    With `psdoom` the lines are psdoom-ng's: user, process ID, name, and 1 for a daemon; the user is shown as the node.
    """

    name: ClassVar[str] = "command"
    has_lasting_ids = False
    reuses_ids = True
    actions: ClassVar[frozenset[KillAction]] = frozenset({KillAction.REMOVE})
    poll_seconds = 1.0

    def __init__(self, list_command: str, kill_command: str, wound_command: str = "", psdoom: bool = False) -> None:
        super().__init__()
        self._list = _words("--list-command", list_command)
        self._kill = _words("--kill-command", kill_command)
        self._wound = _words("--wound-command", wound_command) if wound_command else []
        self._psdoom = psdoom
        self.can_wound = bool(self._wound)
        self._lock = threading.Lock()
        self._ended: dict[tuple[str, str], float] = {}  # by ID and name, when it was killed

    def is_same(self, before: Container, now: Container) -> bool:
        """Process IDs are reused, so the name has to be the same as well."""
        return (before.id, before.name) == (now.id, now.name)

    def list(self) -> Sequence[Container]:
        """Run the list command. What was just killed is left out while it may still be shutting down."""
        found = self._listed()
        now = time.monotonic()
        with self._lock:
            self._ended = {each: when for each, when in self._ended.items() if now - when < END_SECONDS}
            return [each for each in found if (each.id, each.name) not in self._ended]

    def _listed(self) -> Sequence[Container]:
        text = _run(self._list, Code.ENGINE_DOWN)
        parse = _psdoom_line if self._psdoom else _plain_line
        found: dict[str, Container] = {}
        for number, line in enumerate(text.split("\n")):
            target = parse(line, number)
            if target is not None:
                found.setdefault(target.id, target)
            if len(found) > MAX_TARGETS:
                raise RequestError(Code.ENGINE_DOWN, f"{self._list[0]} lists more than {MAX_TARGETS} targets")
        return tuple(found.values())

    def act(self, container: Container, action: KillAction) -> None:
        """Run the kill command, if the target is still listed under the same name."""
        del action
        if not any((each.id, each.name) == (container.id, container.name) for each in self.list()):
            raise RequestError(Code.NOT_FOUND, "it is not listed any more")
        _run(_filled(self._kill, container.id), Code.FAILED)
        with self._lock:
            self._ended[container.id, container.name] = time.monotonic()

    def wound(self, container: Container) -> None:
        """Run the wound command."""
        _run(_filled(self._wound, container.id), Code.FAILED)


def _plain_line(line: str, number: int) -> Container | None:
    identity, _, name = line.strip().partition(" ")
    if not _ID.fullmatch(identity):
        return None
    return Container(identity, _printable(name.strip()) or identity, created=float(number))


def _psdoom_line(line: str, number: int) -> Container | None:
    words = line.split()
    if len(words) < 3 or not words[1].isdecimal() or words[1] == str(os.getpid()):
        return None
    return Container(words[1], _printable(words[2]), created=float(number), node=_printable(words[0]))


def _printable(text: str) -> str:
    return "".join(each if each.isprintable() else "?" for each in text[:MAX_NAME])


def _words(option: str, command: str) -> list[str]:
    try:
        words = shlex.split(command)
    except ValueError as error:
        raise SetupError(f"{option} {command}: {error}") from error
    if not words:
        raise SetupError(f"the command backend needs {option}")
    return words


def _filled(words: Sequence[str], identity: str) -> list[str]:
    filled = [word.replace("{id}", identity) for word in words]
    return filled if filled != list(words) else [*words, identity]


def _run(command: Sequence[str], code: Code) -> str:
    """What the command prints; a RequestError with `code` when it fails."""
    try:
        # a session of its own, so that whatever it starts can be ended with it
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
    except (OSError, ValueError) as error:
        raise RequestError(code, f"{command[0]} cannot be run: {error}") from error
    assert process.stdout and process.stderr
    with process.stdout as stdout, process.stderr as stderr:
        try:
            printed, errors = _collect(process, stdout, stderr)
        except _MustStop as trouble:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            raise RequestError(code, f"{command[0]} {trouble}") from None
    if process.returncode:
        words = errors.decode("utf-8", "replace").strip().splitlines()
        reason = _printable(words[-1]) if words else f"exit status {process.returncode}"
        raise RequestError(code, f"{command[0]}: {reason}")
    return printed.decode("utf-8", "replace")


class _MustStop(Exception):
    """The command has to be stopped."""


def _collect(process: subprocess.Popen[bytes], stdout: IO[bytes], stderr: IO[bytes]) -> tuple[bytes, bytes]:
    """Read both pipes until the command has ended; the standard error's last bytes only."""
    printed, errors = bytearray(), bytearray()
    deadline = time.monotonic() + TIMEOUT_SECONDS
    with selectors.DefaultSelector() as selector:
        for pipe in (stdout, stderr):
            selector.register(pipe, selectors.EVENT_READ)
        while True:
            # once it has ended what is in the pipes is all: something it left behind may hold them open
            ended = process.poll() is not None
            ready = selector.select(0 if ended else POLL_SECONDS) if selector.get_map() else []
            for key, _ in ready:
                data = os.read(key.fd, 65536)
                if not data:
                    selector.unregister(key.fileobj)
                elif key.fileobj is stdout:
                    printed += data
                else:
                    errors += data
                    del errors[:-MAX_ERRORS]
            if len(printed) > MAX_OUTPUT:
                raise _MustStop(f"prints more than {MAX_OUTPUT} bytes")
            if ended and not ready:
                return bytes(printed), bytes(errors)
            if time.monotonic() > deadline:
                raise _MustStop(f"did not end in {TIMEOUT_SECONDS:.0f} seconds")
            if not selector.get_map():
                with contextlib.suppress(subprocess.TimeoutExpired):
                    process.wait(POLL_SECONDS)
