"""``python -m hostbridge``: put the pieces together and run until told to stop."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import logging
import os
import signal
import sys
import threading
from collections.abc import Sequence
from typing import Final

from hostbridge import audit, check, doctor, engines, logs, options, ping, privileges
from hostbridge.backends.base import Backend
from hostbridge.feed import Feed
from hostbridge.identity import container_of_process
from hostbridge.kills import Executioner
from hostbridge.measures import Measures
from hostbridge.model import SetupError
from hostbridge.policy import Policy
from hostbridge.roster import Roster, Update
from hostbridge.server import Server
from hostbridge.sockets import InheritedSocket, ListeningSocket, group_id, inherited

FIRST_LOOK_SECONDS: Final = 5.0

log = logging.getLogger("hostbridge")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; return the exit status: 2 for what the user can mend."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    try:
        if words[:1] == ["up"]:
            from hostbridge.launcher import main as up

            return up(words[1:])
        if words[:1] == ["ping"]:
            return ping.main(words[1:])
        if words[:1] == ["policy"]:
            return check.main(words[1:])
        if words[:1] == ["doctor"]:
            return doctor.main(words[1:])
        chosen = options.serve_parser().parse_args(words)
        logs.set_up(chosen.quiet)
        return run(chosen, options.policy_of(chosen))
    except SetupError as error:
        print(f"hostbridge: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130


def run(chosen: argparse.Namespace, policy: Policy) -> int:
    """Serve until a signal comes. Raises SetupError."""
    backend = engines.make(chosen)
    policy = policy.with_own(container_of_process(), backend.own_id())
    log_file = audit.open_log(chosen.audit)
    try:
        listening = inherited() or ListeningSocket(
            options.socket_path(chosen),
            group_id(chosen.group) if chosen.group else None,
            privileges.entry_of(chosen.run_as).pw_uid if chosen.run_as else None,
        )
        try:
            privileges.harden()
            if chosen.run_as:
                privileges.become(chosen.run_as)
            asyncio.run(serve(chosen, policy, backend, log_file, listening))
        finally:
            listening.close()
            if chosen.until_stdin_closes:  # our parent made the folder, and may have been killed
                with contextlib.suppress(OSError):
                    listening.path.parent.rmdir()
    finally:
        log_file.close()
    return 0


async def serve(
    chosen: argparse.Namespace,
    policy: Policy,
    backend: Backend,
    log_file: audit.Audit,
    listening: ListeningSocket | InheritedSocket,
    stop: asyncio.Event | None = None,
) -> None:
    """Serve until `stop` is set or SIGINT or SIGTERM comes; then finish the kills under way."""
    loop = asyncio.get_running_loop()
    stop = stop or asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    if chosen.until_stdin_closes:
        threading.Thread(target=_wait_for_end_of_input, args=(loop, stop), daemon=True).start()
    roster = Roster(policy)
    measures = _measures(chosen)
    executioner = Executioner(backend, roster, policy, log_file, measures)

    def deliver(update: Update) -> None:
        if not loop.is_closed():
            loop.call_soon_threadsafe(roster.apply, update)

    Feed(backend, deliver).start()
    server = Server(
        listening,
        roster,
        executioner,
        policy,
        backend.name,
        options.limits_of(chosen),
        options.access_of(chosen),
        measures,
    )
    dry = ", dry run" if policy.dry_run else ""
    numbers = None
    if chosen.metrics:
        from hostbridge import metrics

        assert isinstance(measures, metrics.Metrics)
        numbers = await metrics.start(measures, server, *metrics.address_of(chosen.metrics))
    log.info("listening on %s (%s%s)", listening.path, backend.name, dry)
    try:
        # clients wait in the queue meanwhile: an empty first list would make every monster vanish
        await asyncio.wait({asyncio.create_task(roster.known.wait())}, timeout=FIRST_LOOK_SECONDS)
        await server.serve(stop)
    finally:
        if numbers is not None:
            numbers.close()
        backend.close()
        await asyncio.to_thread(executioner.close)


def _measures(chosen: argparse.Namespace) -> Measures:
    """Who keeps the numbers. Raises SetupError."""
    if not chosen.metrics:
        return Measures()
    try:
        from hostbridge.metrics import Metrics
    except ImportError as error:
        raise SetupError("--metrics needs the package prometheus-client: pip install 'pydoom[metrics]'") from error
    return Metrics()


def _wait_for_end_of_input(loop: asyncio.AbstractEventLoop, stop: asyncio.Event) -> None:
    while os.read(0, 4096):
        continue
    with contextlib.suppress(RuntimeError):  # the loop may have ended by itself
        loop.call_soon_threadsafe(stop.set)
