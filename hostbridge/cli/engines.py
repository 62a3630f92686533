"""The container engines by name, and the flags each of them takes.

A backend's module is imported only when it is asked for: the simulated fleet needs nothing but Python.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable
from typing import Final

from hostbridge.backends import endpoint
from hostbridge.backends.base import Backend
from hostbridge.backends.endpoint import Endpoint
from hostbridge.model import SetupError


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options for which engine, and where it is."""
    group = parser.add_argument_group("containers")
    group.add_argument("--backend", choices=tuple(_MAKERS), default="docker", help="container engine (default docker)")
    add_engine_options(group)
    simulated = parser.add_argument_group("--backend simulated")
    simulated.add_argument("--fleet", metavar="N", type=int, default=20, help="number of containers (default 20)")
    simulated.add_argument(
        "--churn", metavar="PER_MINUTE", type=float, default=6.0, help="arrivals and departures, 0 for none (default 6)"
    )
    simulated.add_argument(
        "--seed", metavar="N", type=int, default=0, help="random seed: the same seed gives the same fleet"
    )
    swarm = parser.add_argument_group("--backend swarm")
    swarm.add_argument(
        "--node",
        metavar="NAME=URL",
        action="append",
        default=[],
        help="engine of another node, by host name or node ID; may be repeated",
    )
    kubernetes = parser.add_argument_group("--backend kubernetes")
    kubernetes.add_argument("--namespace", action="append", default=[], help="only this namespace; may be repeated")
    kubernetes.add_argument(
        "--all-namespaces", action="store_true", help="all of them, even if the context names one (but not kube-*)"
    )
    kubernetes.add_argument("--selector", default="", help="label selector, as kubectl's -l")
    command = parser.add_argument_group("--backend command (no shell; {id} stands for the target)")
    command.add_argument("--list-command", metavar="COMMAND", default="", help="prints 'ID NAME' lines")
    command.add_argument("--kill-command", metavar="COMMAND", default="", help="ends the target")
    command.add_argument("--wound-command", metavar="COMMAND", default="", help="weakens the target")


def add_engine_options(group: argparse._ArgumentGroup) -> None:
    """Add the options for where an engine is, and how much is asked of it."""
    group.add_argument(
        "--engine-url",
        metavar="URL",
        default="",
        help="engine's address: unix:///PATH, tcp://HOST:PORT, ssh://USER@HOST (default: as docker finds it)",
    )
    group.add_argument("--context", metavar="NAME", default="", help="Docker's or kubectl's context")
    group.add_argument(
        "--details",
        action="store_true",
        help="docker, podman: memory use and restart counts too, at one more engine call per new container",
    )


def make(options: argparse.Namespace) -> Backend:
    """The backend the flags ask for. Raises SetupError."""
    try:
        return _MAKERS[options.backend](options)
    except ImportError as error:
        raise SetupError(f"--backend {options.backend} needs the Python package {error.name}") from error


def endpoint_of(options: argparse.Namespace) -> Endpoint:
    """Where the Docker or Podman engine is that the flags ask for. Raises SetupError."""
    if options.backend == "podman":
        return endpoint.podman(options.engine_url, options.context)
    return endpoint.find(options.engine_url, options.context)


def _docker(options: argparse.Namespace) -> Backend:
    from hostbridge.backends.docker import DockerBackend

    return DockerBackend(endpoint_of(options), options.details)


def _podman(options: argparse.Namespace) -> Backend:
    from hostbridge.backends.docker import PodmanBackend

    return PodmanBackend(endpoint_of(options), options.details)


def _simulated(options: argparse.Namespace) -> Backend:
    from hostbridge.backends.simulated import SimulatedBackend

    if options.fleet < 0 or options.churn < 0:
        raise SetupError("--fleet and --churn cannot be negative")
    return SimulatedBackend(options.fleet, options.churn, options.seed)


def _swarm(options: argparse.Namespace) -> Backend:
    from hostbridge.backends.swarm import SwarmBackend

    nodes = dict(text.partition("=")[::2] for text in options.node)
    if not all(name and url for name, url in nodes.items()):
        raise SetupError("--node takes NAME=URL")
    return SwarmBackend(endpoint_of(options), nodes)


def _kubernetes(options: argparse.Namespace) -> Backend:
    from hostbridge.backends.kubernetes import KubernetesBackend

    return KubernetesBackend(
        options.namespace, options.selector, options.engine_url, options.context, options.all_namespaces
    )


def _command(options: argparse.Namespace) -> Backend:
    """Flags, or psdoom-ng's environment variables with its line format."""
    from hostbridge.backends.command import CommandBackend

    if options.list_command:
        return CommandBackend(options.list_command, options.kill_command, options.wound_command)
    ps, kill, renice = (os.environ.get(name, "") for name in ("PSDOOMPSCMD", "PSDOOMKILLCMD", "PSDOOMRENICECMD"))
    return CommandBackend(ps, kill, renice, psdoom=True)


_MAKERS: Final[dict[str, Callable[[argparse.Namespace], Backend]]] = {
    "docker": _docker,
    "podman": _podman,
    "swarm": _swarm,
    "kubernetes": _kubernetes,
    "command": _command,
    "simulated": _simulated,
}
