"""Anything that three commands can list, kill and wound, as psdoom-ng's PSDOOMPSCMD: processes, virtual machines...

Commands are run directly, never through a shell. `{id}` in a word of theirs stands for the target's ID; without it the
ID is the last argument. An ID is only taken from the list when it cannot be mistaken for an option.
"""

from __future__ import annotations

import re
import shlex
import subprocess
from collections.abc import Sequence
from typing import ClassVar, Final

from hostbridge.backends.base import Backend
from hostbridge.model import Action, BridgeError, Code, Container, SetupError

TIMEOUT_SECONDS: Final = 10.0
MAX_OUTPUT: Final = 4 * 1024 * 1024

_ID: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.:@/+-]{0,255}")


class CommandBackend(Backend):
    """Targets are what the list command prints, one a line: an ID and a name.

    With `psdoom` the lines are psdoom-ng's: user, process ID, name, and 1 for a daemon; the user is shown as the node.
    """

    name: ClassVar[str] = "command"
    actions: ClassVar[frozenset[Action]] = frozenset({Action.REMOVE})
    poll_seconds = 1.0

    def __init__(self, list_command: str, kill_command: str, wound_command: str = "", psdoom: bool = False) -> None:
        super().__init__()
        self._list = _words("--list-command", list_command)
        self._kill = _words("--kill-command", kill_command)
        self._wound = _words("--wound-command", wound_command) if wound_command else []
        self._psdoom = psdoom
        self.can_wound = bool(self._wound)

    def list(self) -> Sequence[Container]:
        """Run the list command."""
        text = _run(self._list, Code.ENGINE_DOWN)
        parse = _psdoom_line if self._psdoom else _plain_line
        found = (parse(line, number) for number, line in enumerate(text.splitlines()))
        return [each for each in found if each is not None]

    def act(self, container: Container, action: Action) -> None:
        """Run the kill command, if the target is still listed under the same name."""
        del action
        if not any((each.id, each.name) == (container.id, container.name) for each in self.list()):
            raise BridgeError(Code.NOT_FOUND, "it is not listed any more")
        _run(_filled(self._kill, container.id), Code.FAILED)

    def wound(self, container: Container) -> None:
        """Run the wound command."""
        _run(_filled(self._wound, container.id), Code.FAILED)


def _plain_line(line: str, number: int) -> Container | None:
    identity, _, name = line.strip().partition(" ")
    if not _ID.fullmatch(identity):
        return None
    return Container(identity, name.strip() or identity, created=float(number))


def _psdoom_line(line: str, number: int) -> Container | None:
    words = line.split()
    if len(words) < 3 or not _ID.fullmatch(words[1]):
        return None
    return Container(words[1], words[2], created=float(number), node=words[0])


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
    try:
        result = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, timeout=TIMEOUT_SECONDS, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise BridgeError(code, f"{command[0]} did not end in {TIMEOUT_SECONDS:.0f} seconds") from error
    except (OSError, ValueError) as error:
        raise BridgeError(code, f"{command[0]} cannot be run: {error}") from error
    if result.returncode:
        words = result.stderr.decode("utf-8", "replace").strip().splitlines()
        reason = words[-1][:200] if words else f"exit status {result.returncode}"
        raise BridgeError(code, f"{command[0]}: {reason}")
    return result.stdout[:MAX_OUTPUT].decode("utf-8", "replace")
