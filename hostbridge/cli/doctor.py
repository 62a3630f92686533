"""``hostbridge doctor``: whether the bridge can work here, and what to do where it cannot. Touches no container.

``pydoom doctor`` runs it as a program, because the game shares no code with the bridge and never talks to an engine.
"""

from __future__ import annotations

import argparse
import json
import threading
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Final

from hostbridge.cli import engines, options, ping
from hostbridge.host.identity import container_of_process
from hostbridge.host.logs import printable
from hostbridge.model import LISTED_STATES, RequestError, SetupError

ENGINE_SECONDS: Final = 8.0


@dataclass(frozen=True, slots=True)
class Finding:
    """The result of one check: `status` is ok, note, warning or missing."""

    name: str
    status: str
    message: str
    remedy: str = ""


def main(arguments: Sequence[str]) -> int:
    """Print every finding; exit status 0 when the bridge can work, 1 when it cannot."""
    parser = options.OptionParser(
        prog="hostbridge doctor", description="Say whether the bridge can work here, and what is missing."
    )
    parser.add_argument("--json", action="store_true", help="print JSON, for scripts")
    options.add_socket_options(parser)
    engines.add_options(parser)
    options.add_policy_options(parser)
    chosen = parser.parse_args(arguments)
    findings = [engine(chosen), policy(chosen), bridge(chosen)]
    if chosen.json:
        print(json.dumps({"checks": [asdict(each) for each in findings]}))
    else:
        for each in findings:
            print(f"{each.status:<9}{each.name:<8}{printable(each.message)}")
            if each.remedy:
                print(f"{'':<17}-> {printable(each.remedy)}")
    return 1 if any(each.status == "missing" for each in findings) else 0


def engine(chosen: argparse.Namespace) -> Finding:
    """Whether the engine answers, and lets us in."""
    found: list[Finding] = []
    asking = threading.Thread(target=lambda: found.append(_ask_engine(chosen)), daemon=True)
    asking.start()
    asking.join(ENGINE_SECONDS)
    if found:
        return found[0]
    return Finding("engine", "missing", f"{chosen.backend} does not answer in {ENGINE_SECONDS:.0f} seconds")


def _ask_engine(chosen: argparse.Namespace) -> Finding:
    try:
        backend = engines.make(chosen)
    except SetupError as error:
        return Finding("engine", "missing", str(error))
    try:
        count = sum(container.state in LISTED_STATES for container in backend.list())
    except RequestError as error:
        return Finding("engine", "missing", error.what, error.remedy)
    finally:
        backend.close()
    return Finding("engine", "ok", f"{chosen.backend} answers, {count} containers are running")


def policy(chosen: argparse.Namespace) -> Finding:
    """Whether the policy can be read."""
    try:
        found = options.policy_of(chosen).with_own(container_of_process())
    except SetupError as error:
        return Finding("policy", "missing", str(error), "fix the file; docs/security.md has a complete example")
    kill = "nothing, in a dry run" if found.dry_run else str(found.fault)
    return Finding("policy", "ok", f"a kill means {kill} (hostbridge policy check explains it for each container)")


def bridge(chosen: argparse.Namespace) -> Finding:
    """Whether a bridge is already listening."""
    path = options.socket_path(chosen)
    if not path.exists():
        return Finding("bridge", "note", f"no bridge listens on {path}", "start one with hostbridge")
    try:
        answer = ping.hello(path)
    except PermissionError:
        return Finding("bridge", "warning", f"no permission for {path}", "run this as the user whose bridge it is")
    except (OSError, ValueError) as error:
        return Finding(
            "bridge",
            "warning",
            f"no answer on {path}: {error}",
            "if no bridge runs, hostbridge replaces the socket a crashed one left behind",
        )
    about = f"{answer.server} listens on {path}, its {answer.backend} engine is {answer.engine}"
    return Finding("bridge", "ok", about)
