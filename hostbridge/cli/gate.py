"""``hostbridge gate``: serve the gate before the engine's socket until told to stop."""

from __future__ import annotations

import argparse
import asyncio
import logging
import os
import signal
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from hostbridge.admission import Access
from hostbridge.backends import http
from hostbridge.backends.endpoint import Endpoint
from hostbridge.backends.http import EngineProtocolError
from hostbridge.backends.trouble import explain
from hostbridge.cli import engines, options
from hostbridge.gate.gate import Gate, Way
from hostbridge.gate.guard import guard_of
from hostbridge.gate.table import Table, needs
from hostbridge.host import logs, privileges, sockets
from hostbridge.host.logs import printable
from hostbridge.host.sockets import InheritedSocket, ListeningSocket, group_id, inherited
from hostbridge.model import SetupError

CHECK_SECONDS: Final = 4.0
MAX_PONG: Final = 4096

log = logging.getLogger("hostbridge")


def parser() -> argparse.ArgumentParser:
    """The parser of ``hostbridge gate``."""
    made = options.OptionParser(
        ("--socket", "--group", "--allow-uid", "--allow-gid"),  # what these say is the bridge's
        prog="hostbridge gate",
        description=(
            "Holds the engine's socket, and lets a bridge do through a socket of its own what the policy's actions\n"
            "need. Give it the bridge's policy; start the bridge with --engine-url unix://PATH of the gate's socket."
        ),
    )
    options.add_socket_options(made, default_path())
    group = made.add_argument_group("engine")
    group.add_argument(
        "--backend", choices=("docker", "podman", "swarm"), default="docker", help="the bridge's --backend"
    )
    engines.add_engine_options(group)
    group = made.add_argument_group("policy")
    options.add_action_options(group)
    options.add_target_options(group)
    group = made.add_argument_group("gate")
    group.add_argument(
        "--run-as", metavar="USER", help="drop root once the socket is open: a user in the engine's group, or UID:GID"
    )
    group.add_argument("--check", action="store_true", help="ask a running gate whether its engine answers")
    group.add_argument("-q", "--quiet", action="store_true", help="only warnings")
    return made


def main(arguments: Sequence[str]) -> int:
    """Serve until a signal comes; return the exit status. Raises SetupError."""
    chosen = parser().parse_args(arguments)
    path = options.socket_path(chosen, default_path())
    if chosen.check:
        return check(path)
    logs.set_up(chosen.quiet)
    endpoint = engines.endpoint_of(chosen)
    if endpoint.scheme == "ssh":
        raise SetupError("the gate reaches engines on Unix sockets and over tcp://, not over ssh://")
    policy = options.targets_of(options.actions_of(chosen), chosen)
    table = Table(needs(policy, chosen.backend, chosen.details))
    account = privileges.account_of(chosen.run_as) if chosen.run_as else None
    group = group_id(chosen.group) if chosen.group else None
    listening = inherited() or ListeningSocket(path, group, account.uid if account else None)
    try:
        privileges.harden()
        if account:
            privileges.become(account)
            listening.check()
        way = Way(endpoint, table, access_of(chosen), guard_of(chosen.backend, endpoint, policy))
        asyncio.run(serve(listening, way))
    finally:
        listening.close()
    return 0


def default_path() -> Path:
    """The gate's default socket, in a folder of its own: the bridge's is mounted into the game's container."""
    folder = sockets.default_path().parent
    return folder.with_name(folder.name.replace("pydoom", "pydoom-gate", 1)) / "engine.sock"


def access_of(chosen: argparse.Namespace) -> Access:
    """Who may connect: the users in the flags, and, for health checks, the gate's own user and root."""
    access = options.access_of(chosen)
    if not (access.uids or access.gids):
        return access
    return Access(access.uids | {0, os.geteuid()}, access.gids)


async def serve(listening: ListeningSocket | InheritedSocket, way: Way, stop: asyncio.Event | None = None) -> None:
    """Serve until `stop` is set or SIGINT or SIGTERM comes."""
    stop = stop or asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    log.info("a gate before %s, listening on %s", way.engine, listening.path)
    for route in way.table.routes:
        log.info("lets through %s", route)
    await Gate(listening, way).serve(stop)


def check(path: Path) -> int:
    """Print whether the engine answers through the gate at `path`; exit status 0 when it does, else 1."""
    endpoint = Endpoint(f"unix://{path}")
    try:
        answer = http.request(endpoint, "GET", "/_ping", CHECK_SECONDS, MAX_PONG)
    except (OSError, EngineProtocolError) as error:
        what, _ = explain(error, endpoint)
        print(printable(f"no gate: {what}"))
        return 1
    text = answer.body.decode("utf-8", "replace").strip()
    print(printable(text if answer.status != 200 else "the engine answers through the gate"))
    return 0 if answer.status == 200 else 1
