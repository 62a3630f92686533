"""``hostbridge`` without a command: assemble the bridge and serve until told to stop."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import functools
import logging
import os
import signal
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypedDict

from hostbridge.backends.base import ALL, Backend, Healing
from hostbridge.cli import engines, options
from hostbridge.conversation import Services
from hostbridge.faults import audit
from hostbridge.faults.executioner import Executioner
from hostbridge.faults.healer import Healer
from hostbridge.faults.journal import FaultEntry, Journal
from hostbridge.faults.recovery import Recovery
from hostbridge.fleet.feed import Feed
from hostbridge.fleet.roster import EngineRoster, Update
from hostbridge.fleet.shown import ShownNames
from hostbridge.host import logs, privileges
from hostbridge.host.identity import container_of_process
from hostbridge.host.sockets import InheritedSocket, ListeningSocket, group_id, inherited
from hostbridge.host.workers import Workers
from hostbridge.metrics.address import address_of
from hostbridge.metrics.measures import BridgeStatus, Measures
from hostbridge.model import KillAction, SetupError
from hostbridge.outside.board import ProbeBoard
from hostbridge.outside.desk import HelperDesk
from hostbridge.outside.hookqueue import HookQueue
from hostbridge.policy.judge import Judge
from hostbridge.policy.memory import SUFFIX, InUseError, Memory
from hostbridge.policy.rules import Policy
from hostbridge.questions import Questions
from hostbridge.report.figures import add_up, sentence
from hostbridge.report.history import lines_of, read
from hostbridge.server import Server

FIRST_LOOK_SECONDS: Final = 5.0
WRITE_SECONDS: Final = 2.0
"""How long shutting down waits for the protected containers to be written to disk."""
HEALING_SECONDS: Final = 5.0
"""How long shutting down may take to undo all faults; the next start undoes the rest."""
JOURNAL_NAME: Final = "undo.json"
DETAILS_SECONDS: Final = 1.0
"""Extra seconds clients wait for memory use and restart counts; later figures arrive as changes."""

if TYPE_CHECKING:
    from hostbridge.metrics.prometheus import MetricsServer

MAX_SUMMARISED: Final = 16 * 1024 * 1024
"""Bytes of the log that are read at the end: it must not take long."""

log = logging.getLogger("hostbridge")


def main(arguments: Sequence[str]) -> int:
    """Serve until a signal comes; return the exit status. Raises SetupError."""
    chosen = options.serve_parser().parse_args(arguments)
    logs.set_up(chosen.quiet)
    return run(chosen, options.policy_of(chosen))


def run(chosen: argparse.Namespace, policy: Policy) -> int:
    """Serve until a signal comes. Raises SetupError."""
    backend = engines.make(chosen)
    check_faults(policy, backend)
    policy = policy.with_own(container_of_process(), backend.own_id())
    account = privileges.account_of(chosen.run_as) if chosen.run_as else None
    owner = account.uid if account else None
    log_file = audit.open_log(chosen.audit, owner)
    already = log_file.path.stat().st_size if log_file.path else 0
    memory = open_memory(log_file, backend, owner)
    try:
        listening = inherited() or ListeningSocket(
            options.socket_path(chosen),
            group_id(chosen.group) if chosen.group else None,
            owner,
        )
        try:
            privileges.harden()
            if account:
                privileges.become(account)
                log_file.check()
                listening.check()
            journal = _journal(chosen, policy, log_file)
            asyncio.run(serve(chosen, policy, backend, log_file, listening, memory, journal))
        finally:
            listening.close()
            # our parent made the folder, and may have been killed before removing it
            if chosen.until_stdin_closes and listening.path.parent.name.startswith("pydoom-"):
                with contextlib.suppress(OSError):
                    listening.path.parent.rmdir()
    finally:
        if memory:
            memory.close(WRITE_SECONDS)
        summarise(log_file, already)
        log_file.close()
    return 0


def check_faults(policy: Policy, backend: Backend) -> None:
    """Refuse a policy with faults that the engine cannot do. Raises SetupError, which names the first of them."""
    meant = [("a kill", policy.fault), *policy.weapons.items()]
    for what, fault in meant:
        if not backend.can(fault):
            signal = f" with {fault.signal}" if fault.signal else ""
            known = ", ".join(each for each in KillAction if each in backend.actions | backend.undoable)
            raise SetupError(f"{what}: the {backend.name} backend cannot {fault}{signal}; it can {known}")


def summarise(log_file: audit.Audit, already: int) -> None:
    """Log what this bridge has done, which its audit log holds after the first `already` bytes."""
    if log_file.path is None:
        return
    try:
        with log_file.reader() as file:
            size = os.fstat(file.fileno()).st_size
            begin = already if size >= already else 0  # less than before: it was rotated
            file.seek(max(begin, size - MAX_SUMMARISED))
            history = read(lines_of(file))
    except OSError as error:
        log.warning("no summary: %s", error.strerror)
        return
    history.refusals = []  # they have no number that says whose they are
    history.deeds = [each for each in history.deeds if each.number.startswith(f"{log_file.session}-")]
    if history.deeds or history.probes:
        log.info("this session: %s (hostbridge report tells more)", sentence(add_up(history)))


def open_memory(log_file: audit.Audit, backend: Backend, owner: int | None = None) -> Memory | None:
    """The memory of protected containers, beside the log; None without a log or lasting IDs. Raises SetupError."""
    if log_file.path is None or not backend.has_lasting_ids:
        return None
    try:
        return Memory(log_file.path.with_name(log_file.path.name + SUFFIX), owner)
    except InUseError as error:
        log.warning("%s: this one remembers protected containers until it ends (or give it another --audit)", error)
        return None


async def serve(
    chosen: argparse.Namespace,
    policy: Policy,
    backend: Backend,
    log_file: audit.Audit,
    listening: ListeningSocket | InheritedSocket,
    memory: Memory | None = None,
    journal: Journal | None = None,
    stop: asyncio.Event | None = None,
) -> None:
    """Serve until `stop` is set or SIGINT or SIGTERM comes; then finish the kills in progress."""
    loop = asyncio.get_running_loop()
    stop = stop or asyncio.Event()
    waiter = Workers(1, "wait")
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    if chosen.until_stdin_closes:
        threading.Thread(target=wait_for_end_of_input, args=(loop, stop), daemon=True).start()
    metrics_server = _metrics_server(chosen)
    measures = metrics_server.metrics if metrics_server else Measures()
    judge = Judge(policy, memory)
    roster = EngineRoster(judge, (lambda ids: feed.touch(ids)) if backend.tells_ends else None)

    def deliver(update: Update) -> None:
        if not loop.is_closed():
            loop.call_soon_threadsafe(roster.apply, update)

    feed = Feed(backend, deliver, is_monster=lambda each: not judge.judge(each).protected)
    healer = Healer(backend, journal, log_file, **tell_of_faults(loop, roster, feed)) if journal else None
    recovery = Recovery(roster, log_file, measures, policy.recovery_seconds, **how_to_follow(backend, feed))
    roster.look = recovery.look
    if healer:
        roster.engine_is_back = functools.partial(waiter.submit, healer.hurry)
    executioner = Executioner(backend, roster, judge, log_file, measures, feed.touch, healer, recovery)
    questions = Questions(backend, roster, judge, log_file)
    shown = ShownNames(roster, backend.reuses_ids)
    services = Services(roster, executioner, judge, backend.name, questions, shown, measures)
    server = Server(listening, services, options.limits_of(chosen), options.access_of(chosen))
    desk = desk_for(chosen, policy, roster, log_file, measures)
    if desk:
        tell_hooks(loop, log_file, desk.hooks)
        await desk.start()
    feed.start()
    if healer:
        healer.start()
    if metrics_server:
        await metrics_server.start(lambda: status_of(services, server, desk))
    log.info("listening on %s (%s%s)", listening.path, backend.name, ", dry run" if policy.dry_run else "")
    try:
        # clients wait until then: an empty first list would make every monster vanish
        first_look = {asyncio.create_task(roster.known.wait()), asyncio.create_task(stop.wait())}
        await asyncio.wait(first_look, timeout=FIRST_LOOK_SECONDS, return_when=asyncio.FIRST_COMPLETED)
        if chosen.details:
            await loop.run_in_executor(waiter, feed.wait_until_learned, DETAILS_SECONDS)
        await server.serve(stop)
    finally:
        if metrics_server:
            metrics_server.close()
        backend.close()
        await loop.run_in_executor(waiter, executioner.close)
        await loop.run_in_executor(waiter, recovery.close)
        await loop.run_in_executor(waiter, questions.close)
        if healer:
            await loop.run_in_executor(waiter, healer.close, HEALING_SECONDS)
        if desk:
            await desk.close()


def desk_for(
    chosen: argparse.Namespace, policy: Policy, roster: EngineRoster, log_file: audit.Audit, measures: Measures
) -> HelperDesk | None:
    """The desk for the helper, if the policy has probes or hooks and there is a place for it. Raises SetupError."""
    if not policy.probes and not policy.hooks:
        return None
    if not chosen.probes:
        log.warning("nobody runs the policy's probes and hooks: start the bridge with --probes unix:PATH, and "
                    "hostbridge probe --to unix:PATH beside it")  # fmt: skip
        return None
    address = address_of(chosen.probes, "--probes")
    if not isinstance(address, Path):
        raise SetupError(f"--probes {chosen.probes}: not unix:PATH")
    board = ProbeBoard(policy.probes, roster, log_file, measures)
    return HelperDesk(ListeningSocket(address), board, HookQueue(policy.hooks, log_file, measures))


def tell_hooks(loop: asyncio.AbstractEventLoop, log_file: audit.Audit, hooks: HookQueue) -> None:
    """Pass the audit log's lines from the threads that write them to the hooks in the event loop."""

    def pass_on(line: Mapping[str, object]) -> None:
        with contextlib.suppress(RuntimeError):  # the loop has ended
            loop.call_soon_threadsafe(hooks.take, line)

    log_file.follow(pass_on)


class Following(TypedDict):
    """What a `Recovery` must know of the engine."""

    replaced_by: frozenset[KillAction]
    list_again: Callable[[], None] | None


def how_to_follow(backend: Backend, feed: Feed) -> Following:
    """How recoveries on this engine are followed."""
    list_again = (lambda: feed.touch(ALL)) if backend.is_slow_to_tell else None
    return {"replaced_by": backend.replaced_by, "list_again": list_again}


class FaultListeners(TypedDict):
    """The callbacks of a `Healer`."""

    begun: Callable[[FaultEntry], None]
    ended: Callable[[FaultEntry, Healing], None]


def tell_of_faults(loop: asyncio.AbstractEventLoop, roster: EngineRoster, feed: Feed) -> FaultListeners:
    """Callbacks that pass a healer's reports from its threads to the roster in the event loop."""

    def tell(what: Callable[..., None], *said: object) -> None:
        if not loop.is_closed():
            loop.call_soon_threadsafe(what, *said)

    def begun(entry: FaultEntry) -> None:
        tell(roster.begin_fault, entry.container_id, entry.action, entry.seconds, entry.until)

    def ended(entry: FaultEntry, how: Healing) -> None:
        tell(roster.end_fault, entry.container_id, entry.action, how)
        feed.touch(frozenset({entry.container_id}))

    return {"begun": begun, "ended": ended}


def _journal(chosen: argparse.Namespace, policy: Policy, log_file: audit.Audit) -> Journal | None:
    """The undo journal, if the policy has temporary faults or an earlier bridge left some. Raises SetupError."""
    path = Path(chosen.undo) if chosen.undo else log_file.path and log_file.path.with_name(JOURNAL_NAME)
    wanted = any(fault.seconds for fault in policy.faults())
    if path is None:
        if wanted:
            raise SetupError("temporary faults need an undo journal: name one with --undo FILE")
        return None
    return Journal(path) if wanted or path.exists() else None


def _metrics_server(chosen: argparse.Namespace) -> MetricsServer | None:
    """The server of the metrics page, if asked for. Raises SetupError."""
    if not chosen.metrics:
        return None
    try:
        from hostbridge.metrics import prometheus
    except ImportError as error:
        raise SetupError(
            "--metrics needs the package prometheus-client: pip install 'pydoom-containers[metrics]'"
        ) from error
    address = address_of(chosen.metrics)
    where = ListeningSocket(address) if isinstance(address, Path) else address
    return prometheus.MetricsServer(prometheus.Metrics(), where)


def status_of(services: Services, server: Server, desk: HelperDesk | None = None) -> BridgeStatus:
    """The gauges of the metrics page."""
    protected = sum(services.judge.judge(each).protected for each in services.roster.newest_first())
    status = BridgeStatus(
        len(services.roster) - protected, protected, services.roster.engine == "up", len(server.admission)
    )
    if desk is None:
        return status
    return replace(
        status, probes_up=desk.board.up(), helper_connected=desk.is_connected, hooks_waiting=desk.hooks.waiting
    )


def wait_for_end_of_input(loop: asyncio.AbstractEventLoop, stop: asyncio.Event) -> None:
    """Set `stop` when the standard input closes. Blocks until then."""
    while os.read(0, 4096):
        continue
    with contextlib.suppress(RuntimeError):  # the loop may have ended by itself
        loop.call_soon_threadsafe(stop.set)
