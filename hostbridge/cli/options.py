"""The bridge's command line, parsed into the values that the other modules take."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final, NoReturn

from hostbridge import __version__
from hostbridge.admission import Access
from hostbridge.cli import engines, environment
from hostbridge.connection import ClientLimits
from hostbridge.fault import DEFAULT_SECONDS, Fault, FaultError
from hostbridge.faults import audit
from hostbridge.faults.budget import DEFAULT_PER_MINUTE
from hostbridge.host import sockets
from hostbridge.model import KillAction, SetupError
from hostbridge.policy import file as policy_file
from hostbridge.policy.rules import WEAPONS, Policy
from hostbridge.policy.selectors import Selector

_SELECTOR_HELP = "name glob, or image=GLOB, project=GLOB, service=GLOB, label=KEY[=GLOB]; may be repeated"
_COMMANDS: Final = """\
commands:
  hostbridge                serve the containers of this host to the game
  hostbridge up             the same, and start the game in a container
  hostbridge gate           filter the engine's socket: only the policy's actions get through
  hostbridge policy check   what would happen to each container, and why
  hostbridge report         what was shot and what recovered, from the audit log
  hostbridge probe          run the policy's probes and hooks, for a bridge without a network
  hostbridge exporter       a port for Prometheus, for a bridge without a network
  hostbridge ping           ask a running bridge for its state
  hostbridge doctor         what is missing here, and what to type
Each has its own --help. Options can be set in the environment too: PYDOOM_DRY_RUN=1, PYDOOM_INCLUDE='web-* db'.
"""


class OptionParser(argparse.ArgumentParser):
    """Reports what is wrong with a command line in one line, and takes options from the environment as well."""

    def __init__(self, ignored_variables: Iterable[str] = (), **settings: Any) -> None:
        """`ignored_variables` are options that the environment does not set."""
        self._ignored = frozenset(ignored_variables)
        program = settings["prog"]
        settings.setdefault("usage", f"{program} [options]")
        settings.setdefault("formatter_class", argparse.RawDescriptionHelpFormatter)
        super().__init__(**settings)

    def parse_known_args(  # type: ignore[override]  # what the base class is given is never a namespace here
        self, args: Sequence[str] | None = None, namespace: argparse.Namespace | None = None
    ) -> tuple[argparse.Namespace, list[str]]:
        """Parse what the environment says, then the command line. Raises SetupError."""
        given = environment.arguments(self._actions, os.environ, self._ignored)
        return super().parse_known_args([*given, *(sys.argv[1:] if args is None else args)], namespace)

    def error(self, message: str) -> NoReturn:
        """Refuse the command line. Raises SetupError."""
        raise SetupError(f"{message} ({self.prog} --help lists commands and options)")


def serve_parser(program: str = "hostbridge", description: str = "") -> argparse.ArgumentParser:
    """The parser of ``python -m hostbridge`` and of commands that serve as well."""
    parser = OptionParser(
        prog=program,
        description=description or "Offers the containers of this host to the game on a Unix socket.",
        epilog=None if description else _COMMANDS,
    )
    parser.add_argument("--version", action="version", version=f"hostbridge {__version__}")
    add_socket_options(parser)
    engines.add_options(parser)
    add_policy_options(parser)
    add_server_options(parser)
    return parser


def add_socket_options(parser: argparse.ArgumentParser, default: Path | None = None) -> None:
    """Add the options for where to listen."""
    group = parser.add_argument_group("socket")
    group.add_argument("--socket", metavar="PATH", help=f"Unix socket (default {default or sockets.default_path()})")
    group.add_argument("--group", metavar="GROUP", help="open the socket to this group too (name or number)")
    group.add_argument("--allow-uid", metavar="UID", type=int, action="append", default=[], help="only these users")
    group.add_argument(
        "--allow-gid", metavar="GID", type=int, action="append", default=[], help="and these groups; may be repeated"
    )


def add_action_options(group: argparse._ArgumentGroup) -> None:
    """Add the options for what happens to containers."""
    group.add_argument("--policy", metavar="FILE", help="policy in TOML; flags add to it")
    group.add_argument(
        "--action",
        metavar="ACTION[:SECONDS]",
        default=None,
        help=f"what a kill means: {', '.join(KillAction)} (default remove); add seconds to have it undone: "
        f"pause:20 (disconnect, throttle and squeeze are always undone, by default after {DEFAULT_SECONDS:.0f})",
    )
    group.add_argument(
        "--weapon",
        metavar="WEAPON=ACTION[:SECONDS]",
        action="append",
        default=[],
        help="what a kill with this weapon means; may be repeated",
    )
    group.add_argument("--wound", action="store_true", help="the first wound lowers a container's CPU shares")
    group.add_argument("--dry-run", action="store_true", help="log kills, do not carry them out")


def add_target_options(group: argparse._ArgumentGroup) -> None:
    """Add the options for which containers are targets."""
    for name, what in (("include", "list only these"), ("exclude", "do not list"), ("protect", "list, never kill")):
        group.add_argument(f"--{name}", metavar="WHICH", action="append", default=[], help=f"{what}: {_SELECTOR_HELP}")
    group.add_argument("--only-labelled", action="store_true", help="only containers labelled pydoom.target=true")


def add_policy_options(parser: argparse.ArgumentParser) -> None:
    """Add the options for which containers are targets, and what happens to them."""
    group = parser.add_argument_group("policy")
    add_action_options(group)
    add_target_options(group)
    group.add_argument(
        "--kill-rate",
        metavar="PER_MINUTE",
        type=int,
        default=None,
        help=f"kills and wounds per user (default {DEFAULT_PER_MINUTE})",
    )
    group.add_argument(
        "--kill-budget", metavar="N", type=int, default=None, help="kills and wounds per user while the bridge runs"
    )
    group.add_argument(
        "--session-budget", metavar="N", type=int, default=None, help="kills and wounds per session of the game"
    )


def add_server_options(parser: argparse.ArgumentParser) -> None:
    """Add the options for logging and limits."""
    group = parser.add_argument_group("server")
    group.add_argument("--audit", metavar="FILE", help=f"audit log, '-' for stdout (default {audit.default_path()})")
    group.add_argument(
        "--undo", metavar="FILE", help="journal of faults to be undone (default: undo.json beside the audit log)"
    )
    group.add_argument("--max-connections", metavar="N", type=int, default=ClientLimits().connections)
    group.add_argument(
        "--metrics",
        metavar="[HOST:]PORT",
        help="page for Prometheus (default host 127.0.0.1), or unix:PATH for `hostbridge exporter`",
    )
    group.add_argument(
        "--probes", metavar="unix:PATH", help="socket for `hostbridge probe`, which runs the policy's probes and hooks"
    )
    group.add_argument(
        "--run-as", metavar="USER", help="drop root once the socket and the log are open: a name, UID or UID:GID"
    )
    group.add_argument(
        "--until-stdin-closes",
        action="store_true",
        help="exit when the standard input closes, and remove the socket's folder",
    )
    group.add_argument("-q", "--quiet", action="store_true", help="only warnings")


def socket_path(options: argparse.Namespace, default: Path | None = None) -> Path:
    """The socket's absolute path."""
    given: str | None = options.socket
    if given is None:
        return default or sockets.default_path()
    return Path(given.removeprefix("unix://")).expanduser().absolute()


def actions_of(options: argparse.Namespace, only_trusted: bool = True) -> Policy:
    """The policy of the file, if any, with what the flags of `add_action_options` change. Raises SetupError."""
    policy = policy_file.load(Path(options.policy), only_trusted) if options.policy else Policy()
    return replace(
        policy,
        fault=_fault("--action", options.action) if options.action else policy.fault,
        weapons=dict(policy.weapons) | dict(map(_weapon_fault, options.weapon)),
        wound=policy.wound or options.wound,
        dry_run=policy.dry_run or options.dry_run,
    )


def targets_of(policy: Policy, options: argparse.Namespace) -> Policy:
    """The policy with what the flags of `add_target_options` add. Raises SetupError."""
    return replace(
        policy,
        include=(*policy.include, *map(Selector.parse, options.include)),
        exclude=(*policy.exclude, *map(Selector.parse, options.exclude)),
        protect=(*policy.protect, *map(Selector.parse, options.protect)),
        only_labelled=policy.only_labelled or options.only_labelled,
    )


def policy_of(options: argparse.Namespace, only_trusted: bool = True) -> Policy:
    """The policy of the file, if any, with what the flags add or change. Raises SetupError.

    With `only_trusted` the file must be one that nobody else can change.
    """
    policy = targets_of(actions_of(options, only_trusted), options)
    changes: dict[str, object] = {}
    for flag, field in (
        ("kill_rate", "kills_per_minute"),
        ("kill_budget", "kill_budget"),
        ("session_budget", "session_budget"),
    ):
        number = getattr(options, flag)
        if number is not None:
            if number < 0:
                raise SetupError(f"--{flag.replace('_', '-')} cannot be negative")
            changes[field] = number
    return replace(policy, **changes)  # type: ignore[arg-type]


def _weapon_fault(text: str) -> tuple[str, Fault]:
    weapon, _, meant = text.partition("=")
    if weapon not in WEAPONS:
        raise SetupError(f"--weapon {text}: not WEAPON=ACTION; weapons are {', '.join(WEAPONS)}")
    return weapon, _fault(f"--weapon {weapon}", meant)


def _fault(flag: str, text: str) -> Fault:
    try:
        return Fault.parse(text)
    except FaultError as error:
        raise SetupError(f"{flag}: {error}") from error


def limits_of(options: argparse.Namespace) -> ClientLimits:
    """The limits on clients. Raises SetupError."""
    if options.max_connections < 1:
        raise SetupError("--max-connections must be at least 1")
    return ClientLimits(connections=options.max_connections)


def access_of(options: argparse.Namespace) -> Access:
    """Who may connect."""
    return Access(frozenset(options.allow_uid), frozenset(options.allow_gid))
