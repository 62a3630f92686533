"""``hostbridge probe``: the process that runs the policy's probes and hooks, for a bridge that has no network."""

from __future__ import annotations

import argparse
import asyncio
import logging
import os
import signal
import threading
from collections.abc import Sequence
from pathlib import Path

from hostbridge.cli import options
from hostbridge.cli.serve import wait_for_end_of_input
from hostbridge.host import logs, privileges
from hostbridge.host.logs import printable
from hostbridge.metrics.address import address_of
from hostbridge.model import SetupError
from hostbridge.outside.helper import Helper, Hook, Probe
from hostbridge.policy import file as policy_file

log = logging.getLogger("hostbridge")


def main(arguments: Sequence[str]) -> int:
    """Work until a signal comes, or ask each probe once; return the exit status. Raises SetupError."""
    chosen = _parser().parse_args(arguments)
    logs.set_up(chosen.quiet)
    if not chosen.policy:
        raise SetupError("name the policy that has the probes: --policy FILE")
    policy = policy_file.load(Path(chosen.policy), only_trusted=not chosen.check)
    if not policy.probes and not policy.hooks:
        raise SetupError(f"{chosen.policy} has neither [[probe]] nor [[hook]]")
    probes = list(map(Probe, policy.probes))
    hooks = [Hook(each, os.environ) for each in policy.hooks]
    if chosen.check:
        return asyncio.run(_check(probes, hooks))
    path = address_of(chosen.to, "--to") if chosen.to else None
    if not isinstance(path, Path):
        raise SetupError("name the socket of the bridge's --probes: --to unix:PATH")
    if chosen.run_as:
        privileges.harden()
        privileges.become(privileges.account_of(chosen.run_as))
    asyncio.run(_work(Helper(path, probes, hooks), chosen.until_stdin_closes))
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = options.OptionParser(
        prog="hostbridge probe",
        description="Asks the policy's probes and sends to its hooks, for a bridge with --probes unix:PATH.",
    )
    parser.add_argument("--policy", metavar="FILE", help="the policy with [[probe]] and [[hook]]")
    parser.add_argument("--to", metavar="unix:PATH", help="the socket of the bridge's --probes")
    parser.add_argument("--check", action="store_true", help="ask each probe once, print the answers, and end")
    parser.add_argument("--run-as", metavar="USER", help="drop root once the policy and the tokens are read")
    parser.add_argument("--until-stdin-closes", action="store_true", help="exit when the standard input closes")
    parser.add_argument("-q", "--quiet", action="store_true", help="only warnings")
    return parser


async def _check(probes: Sequence[Probe], hooks: Sequence[Hook]) -> int:
    """Print one line for each probe and hook; 1 if a probe does not get what it expects. Sends nothing to hooks."""
    results = await asyncio.gather(*(each.ask() for each in probes))
    for probe, result in zip(probes, results, strict=True):
        print(printable(f"{result.probe:<24}  {'up' if result.ok else 'failing':<8}{probe.detail or result.reason}"))
    for hook in hooks:
        print(printable(f"{hook.rule.name:<24}  hook    {', '.join(hook.rule.events)}"))
    return 0 if all(each.ok for each in results) else 1


async def _work(helper: Helper, until_stdin_closes: bool) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    if until_stdin_closes:
        threading.Thread(target=wait_for_end_of_input, args=(loop, stop), daemon=True).start()
    working = asyncio.create_task(helper.run())
    stopping = asyncio.create_task(stop.wait())
    await asyncio.wait({working, stopping}, return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
    if working.done():
        working.result()
    working.cancel()
