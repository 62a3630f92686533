"""Options from the environment: ``PYDOOM_DRY_RUN=1`` is ``--dry-run``.

This lets compose take its settings from ``.env``, so that nobody has to edit a command line. The command line comes
later and wins; options that may be repeated add up (``PYDOOM_INCLUDE='web-* label=tier'`` is two of them).
"""

from __future__ import annotations

import argparse
import difflib
import shlex
from collections.abc import Iterable, Mapping
from typing import Final

from hostbridge.model import SetupError

PREFIX: Final = "PYDOOM_"
LIKE: Final = 0.85
"""How similar an unknown name must be to a known one to count as a typing error."""

_YES: Final = frozenset({"1", "true", "yes", "on"})
_NO: Final = frozenset({"", "0", "false", "no", "off"})
KNOWN: Final = frozenset({
    "action", "all-namespaces", "allow-gid", "allow-uid", "audit", "backend", "check", "churn", "context",
    "details", "dry-run", "engine-url", "exclude", "fleet", "format", "from", "group", "image", "include",
    "json", "kill-budget", "kill-command", "kill-rate", "list-command", "listen", "max-connections", "metrics",
    "name", "namespace", "node", "only-labelled", "output", "password", "policy", "probes", "protect", "quiet",
    "run-as", "seed", "selector", "session-budget", "since", "socket", "to", "undo", "until", "vnc-port",
    "weapon", "web-port", "wound", "wound-command",
})  # fmt: skip
"""The options of all commands, listed here because importing every parser is slow.

One environment serves several commands, so a name that another command knows is not a typing error.
"""

_NEVER: Final = frozenset({"--help", "--version", "--until-stdin-closes"})


def variable_of(option: str) -> str:
    """The variable of ``--dry-run``: ``PYDOOM_DRY_RUN``."""
    return PREFIX + option.removeprefix("--").replace("-", "_").upper()


_ALL_NAMES: Final = frozenset(map(variable_of, KNOWN))


def arguments(
    actions: Iterable[argparse.Action], environment: Mapping[str, str], ignored: Iterable[str] = ()
) -> list[str]:
    """The environment's options as a command line for a parser with these actions; `ignored` options have no variable.

    Raises SetupError for an invalid value, and for a name that looks like a typing error: a rule that is not read
    protects nothing.
    """
    names = {variable_of(option): (option, action) for action in actions for option in action.option_strings
             if option.startswith("--") and option not in _NEVER}  # fmt: skip
    found: list[str] = []
    for name, value in environment.items():
        if not name.startswith(PREFIX):
            continue
        if name in names:
            option, action = names[name]
            if option not in set(ignored):
                found += _words(name, option, action, value)
        elif name not in _ALL_NAMES and (near := difflib.get_close_matches(name, names, 1, LIKE)):
            raise SetupError(f"unknown setting {name}: did you mean {near[0]}?")
    return found


def _words(name: str, option: str, action: argparse.Action, value: str) -> list[str]:
    if action.nargs == 0:
        if value.strip().lower() not in _YES | _NO:
            raise SetupError(f"{name}={value}: write 1 or 0")
        return [option] if value.strip().lower() in _YES else []
    if not value.strip():
        return []  # compose passes on unset variables as empty ones
    if isinstance(action.default, list):
        try:
            return [f"{option}={each}" for each in shlex.split(value)]
        except ValueError as error:
            raise SetupError(f"{name}={value}: {error}") from error
    return [f"{option}={value}"]
