"""``hostbridge up``: the game's container, a bridge and a gate together, as the original ``dockerdoomd`` started them.

Finds or builds the image, makes the container, starts a bridge that serves its socket to it, waits until the game
shows its first frame (the image's health check), says where to connect, and removes the container at the end.

Only this process talks to the engine: for the game's container, and as the bridge's gate. The bridge is a process of
its own, and runs as an ordinary user when this one runs as root.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import logging
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import docker
import requests
from docker.errors import APIError, DockerException, ImageNotFound, NotFound
from docker.tls import TLSConfig

from hostbridge.admission import Access
from hostbridge.backends.trouble import explain
from hostbridge.cli import engines, options, ping
from hostbridge.cli.supervision import kept_running
from hostbridge.gate.gate import Gate, Way
from hostbridge.gate.guard import guard_of
from hostbridge.gate.table import Table, needs
from hostbridge.host import logs, privileges
from hostbridge.host.privileges import Account
from hostbridge.host.sockets import ListeningSocket, group_id
from hostbridge.model import ROLE_LABEL, SetupError

GAME_USER: Final = 10001
"""User and group of the game in its image."""

BRIDGE_USER: Final = 10002
"""The bridge's user when root starts it. The number need not belong to a user of the host."""

ROOTS_AUDIT: Final = Path("/var/log/pydoom/audit.jsonl")
"""Where that user keeps the audit log, since it cannot enter root's own folders."""

GATED: Final = frozenset({"docker", "podman", "swarm"})
"""Backends that reach their engine through a gate."""

BRIDGE_SECONDS: Final = 10.0
"""How long shutting down waits for the bridge to finish its kills."""

DEFAULT_PASSWORD: Final = "1234"
INSIDE: Final = "/run/pydoom"
READY_SECONDS: Final = 120.0
POLL_SECONDS: Final = 0.5
STOP_SECONDS: Final = 3

log = logging.getLogger("hostbridge")


@dataclass(frozen=True, slots=True)
class BridgePlace:
    """Where the bridge listens, who in the container may connect, and as which user the bridge runs."""

    socket: Path
    group: int | None
    user: str  # of the game, as Docker writes it
    gate: Path
    probes: Path
    account: Account | None  # None for our own user


def parser() -> argparse.ArgumentParser:
    """The parser of ``hostbridge up``: the bridge's own options and the game's."""
    made = options.serve_parser("hostbridge up", "Start the game in a container, with a bridge to this host's engine.")
    add_game_options(made)
    return made


def add_game_options(parser: argparse.ArgumentParser) -> None:
    """Add the options that are not the bridge's."""
    game = parser.add_argument_group("game")
    game.add_argument("--vnc-port", metavar="PORT", type=int, default=5900, help="VNC on 127.0.0.1 (default 5900)")
    game.add_argument(
        "--web-port", metavar="PORT", type=int, default=6080, help="browser page on 127.0.0.1 (default 6080)"
    )
    game.add_argument("--image", default="pydoom", help="the game's image, built when missing (default pydoom)")
    game.add_argument("--name", default="pydoom", help="the container's name (default pydoom)")
    game.add_argument(
        "--password",
        default=os.environ.get("VNC_PASSWORD", ""),
        type=lambda given: given or DEFAULT_PASSWORD,  # argparse calls it for the default too
        help=f"VNC password (default {DEFAULT_PASSWORD})",
    )


def main(arguments: Sequence[str]) -> int:
    """Run until Ctrl-C or the end of the game's container. Raises SetupError."""
    chosen = parser().parse_args(arguments)
    logs.set_up(chosen.quiet)
    options.policy_of(chosen)  # a bad one is reported before anything is started
    with tempfile.TemporaryDirectory(prefix="pydoom-") as folder, _engine(chosen) as client:
        find_image(client, chosen.image)
        place = choose_place(chosen, Path(folder))
        make_probes_folder(place)
        container = create(client, chosen, place)
        try:
            return asyncio.run(_serve(chosen, bridge_flags(arguments, chosen, place), place, container))
        finally:
            remove(container)
            with contextlib.suppress(OSError):  # a bridge that dropped root may have been unable to remove it
                place.socket.unlink(missing_ok=True)


def choose_place(chosen: argparse.Namespace, folder: Path) -> BridgePlace:
    """A socket that the game's user can reach, and nobody else.

    Root gives it to the game's group and lets the bridge run as an ordinary user; anyone else lets both run as
    themselves.
    """
    path = options.socket_path(chosen) if chosen.socket else folder / "socket" / "bridge.sock"
    gate, probes = folder / "gate" / "engine.sock", folder / "probes" / "probes.sock"
    if os.getuid() != 0:
        group = group_id(chosen.group) if chosen.group else None
        return BridgePlace(path, group, f"{os.getuid()}:{os.getgid() if group is None else group}", gate, probes, None)
    group = group_id(chosen.group) if chosen.group else GAME_USER
    folder.chmod(0o711)  # others may pass through to the folders in it, whose own modes keep them out
    account = privileges.account_of(chosen.run_as or f"{BRIDGE_USER}:{group}")
    return BridgePlace(path, group, f"{GAME_USER}:{group}", gate, probes, account)


def make_probes_folder(place: BridgePlace) -> None:
    """Make the folder of the socket for probes and hooks, the bridge's own."""
    place.probes.parent.mkdir(mode=0o700)
    if place.account is not None:
        os.chown(place.probes.parent, place.account.uid, place.account.gid)


def bridge_flags(arguments: Sequence[str], chosen: argparse.Namespace, place: BridgePlace) -> list[str]:
    """The bridge's command line: ours without the game's options, with its place and its gate."""
    game = options.OptionParser(prog="hostbridge up", add_help=False)
    add_game_options(game)
    _, flags = game.parse_known_args(arguments)
    flags += ["--socket", str(place.socket), "--until-stdin-closes"]
    if place.group is not None:
        flags += ["--group", str(place.group)]
    if place.account is not None:
        flags += ["--run-as", chosen.run_as or f"{place.account.uid}:{place.account.gid}"]
        if not chosen.audit:
            flags += ["--audit", str(ROOTS_AUDIT)]
    if is_gated(chosen):
        flags += ["--engine-url", f"unix://{place.gate}"]
    if needs_helper(chosen):
        flags += ["--probes", f"unix:{place.probes}"]
    return flags


def needs_helper(chosen: argparse.Namespace) -> bool:
    """Whether the policy has probes or hooks."""
    policy = options.policy_of(chosen)
    return bool(policy.probes or policy.hooks)


def is_gated(chosen: argparse.Namespace) -> bool:
    """Whether the bridge reaches its engine through a gate."""
    return chosen.backend in GATED and engines.endpoint_of(chosen).scheme != "ssh"


def find_image(client: docker.DockerClient, image: str) -> None:
    """Make sure there is an image of this name; build it from our source tree. Raises SetupError."""
    try:
        client.images.get(image)
    except ImageNotFound:
        _build(image)
    except (DockerException, requests.RequestException) as error:
        raise SetupError(f"cannot look up the image {image}: {error}") from error


def create(client: docker.DockerClient, chosen: argparse.Namespace, place: BridgePlace) -> Any:
    """Create the game's container without starting it, so that the policy knows its ID first. Raises SetupError."""
    _clear_old(client, chosen.name)
    try:
        return client.containers.create(
            chosen.image,
            name=chosen.name,
            labels={ROLE_LABEL: "game"},
            environment={
                "VNC_PASSWORD": chosen.password,
                "KEYBOARD": os.environ.get("KEYBOARD", ""),
                "PUBLISHED_VNC_PORT": str(chosen.vnc_port),
                "PUBLISHED_WEB_PORT": str(chosen.web_port),
            },
            user=place.user,
            ports={"5900/tcp": ("127.0.0.1", chosen.vnc_port), "6080/tcp": ("127.0.0.1", chosen.web_port)},
            volumes={str(place.socket.parent): {"bind": INSIDE, "mode": "ro"}},
            # its ports are published on 127.0.0.1 only
            command=["--allow-guessable-password", "--", "--bridge", f"unix://{INSIDE}/{place.socket.name}"],
            read_only=True,
            tmpfs={"/tmp": "mode=1777", "/home/pydoom": "uid={},gid={},mode=700".format(*place.user.split(":"))},
            cap_drop=["ALL"],
            security_opt=["no-new-privileges:true"],
            ulimits=[docker.types.Ulimit(name="nofile", soft=1024, hard=1024)],
            init=True,
        )
    except (DockerException, requests.RequestException) as error:
        raise SetupError(f"cannot create the game's container: {_reason(error)}") from error


def remove(container: Any) -> None:
    """Stop and remove the game's container."""
    with contextlib.suppress(DockerException, requests.RequestException):
        container.stop(timeout=STOP_SECONDS)
    try:
        container.remove(force=True, v=True)
    except NotFound:
        return
    except (DockerException, requests.RequestException) as error:
        log.error("the container %s is left behind: %s", container.name, _reason(error))


async def _serve(chosen: argparse.Namespace, flags: Sequence[str], place: BridgePlace, container: Any) -> int:
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with _gate(chosen, place), _bridge(flags) as bridge, _helper(chosen, place):
        ends = {asyncio.create_task(bridge.wait()), asyncio.create_task(stop.wait())}
        try:
            if await _answers(place.socket, ends):
                playing = asyncio.create_task(_play(chosen, container))
                await asyncio.wait({playing, *ends}, return_when=asyncio.FIRST_COMPLETED)
                if playing.done():
                    return playing.result()
                playing.cancel()
        finally:
            for each in ends:
                each.cancel()
        if bridge.returncode is None:
            return 0
        log.error("the bridge has ended")
        return bridge.returncode or 1


@contextlib.asynccontextmanager
async def _gate(chosen: argparse.Namespace, place: BridgePlace) -> AsyncIterator[None]:
    """Give the bridge, and nobody else, as much of the engine as its policy needs."""
    if not is_gated(chosen):
        yield
        return
    place.gate.parent.mkdir()
    place.gate.parent.chmod(0o711)
    listening = ListeningSocket(place.gate)
    uid = os.getuid()
    if place.account is not None:
        uid = place.account.uid
        os.chown(place.gate, uid, -1)
    policy, endpoint = options.policy_of(chosen), engines.endpoint_of(chosen)
    table = Table(needs(policy, chosen.backend, chosen.details))
    way = Way(endpoint, table, Access(frozenset({uid})), guard_of(chosen.backend, endpoint, policy))
    stop = asyncio.Event()
    serving = asyncio.create_task(Gate(listening, way).serve(stop))
    try:
        yield
    finally:
        stop.set()
        await serving
        listening.close()


@contextlib.asynccontextmanager
async def _bridge(flags: Sequence[str]) -> AsyncIterator[asyncio.subprocess.Process]:
    """Run a bridge. It exits when its standard input closes, so it ends with us even if we are killed."""
    command = [sys.executable, "-m", "hostbridge", *flags]
    process = await asyncio.create_subprocess_exec(*command, stdin=subprocess.PIPE, start_new_session=True)
    try:
        yield process
    finally:
        assert process.stdin is not None
        process.stdin.close()
        try:
            await asyncio.wait_for(process.wait(), BRIDGE_SECONDS)
        except TimeoutError:
            process.kill()
            await process.wait()


@contextlib.asynccontextmanager
async def _helper(chosen: argparse.Namespace, place: BridgePlace) -> AsyncIterator[None]:
    """Run the policy's probes and hooks in a process of its own, which is started again if it dies."""
    if not needs_helper(chosen):
        yield
        return
    command = [sys.executable, "-m", "hostbridge", "probe", "--policy", chosen.policy, "--to", f"unix:{place.probes}"]
    if place.account is not None:
        command += ["--run-as", chosen.run_as or f"{place.account.uid}:{place.account.gid}"]
    async with kept_running("hostbridge probe", [*command, "--until-stdin-closes"]):
        yield


async def _answers(path: Path, ends: set[asyncio.Task[Any]]) -> bool:
    """Wait until the bridge answers; return False if one of `ends` finishes first."""
    while not any(each.done() for each in ends):
        with contextlib.suppress(OSError, ValueError):
            await asyncio.to_thread(ping.hello, path)
            return True
        await asyncio.wait(ends, timeout=POLL_SECONDS / 5, return_when=asyncio.FIRST_COMPLETED)
    return False


async def _play(chosen: argparse.Namespace, container: Any) -> int:
    """Start the game, say where it is when it is ready, return 1 when it ends."""
    try:
        await asyncio.to_thread(container.start)
    except (DockerException, requests.RequestException) as error:
        reason = _reason(error)
        hint = ": choose others with --vnc-port and --web-port" if "already" in reason else ""
        raise SetupError(f"cannot start the game: {reason}{hint}") from error
    log.info("waiting for the game's first frame")
    loop = asyncio.get_running_loop()
    deadline = loop.time() + READY_SECONDS
    while (state := await asyncio.to_thread(_state, container)) != "healthy":
        if state == "gone" or loop.time() > deadline:
            words = await asyncio.to_thread(_last_words, container)
            raise SetupError(f"the game did not start ({state}):\n{words}")
        await asyncio.sleep(POLL_SECONDS)
    print(
        f"The game is ready: VNC on 127.0.0.1:{chosen.vnc_port} (password {chosen.password}), "
        f"browser on http://127.0.0.1:{chosen.web_port}/ - Ctrl-C ends it.",
        flush=True,
    )
    while await asyncio.to_thread(_state, container) != "gone":
        await asyncio.sleep(2)
    log.warning("the game's container has ended")
    return 1


def _state(container: Any) -> str:
    """``gone``, or what the health check says."""
    try:
        container.reload()
    except NotFound:
        return "gone"
    except (DockerException, requests.RequestException):
        return "unknown"  # the engine is down: the bridge waits for it too
    if container.status not in ("created", "running", "paused", "restarting"):
        return "gone"
    state = container.attrs["State"]
    return str(state.get("Health", {"Status": "healthy" if state.get("Running") else "starting"})["Status"])


def _last_words(container: Any) -> str:
    with contextlib.suppress(DockerException, requests.RequestException):
        return str(container.logs(tail=20).decode("utf-8", "replace")).rstrip()
    return "(no log)"


def _clear_old(client: docker.DockerClient, name: str) -> None:
    """Remove what an earlier run left behind under our name. Raises SetupError when it is in use or not ours."""
    try:
        old = client.containers.get(name)
    except NotFound:
        return
    except (DockerException, requests.RequestException) as error:
        raise SetupError(f"the engine does not answer: {_reason(error)}") from error
    if old.status == "running" or old.labels.get(ROLE_LABEL) != "game":
        raise SetupError(f"there is a container named {name} already: choose another with --name")
    remove(old)


@contextlib.contextmanager
def _engine(chosen: argparse.Namespace) -> Iterator[docker.DockerClient]:
    where = engines.endpoint_of(chosen)
    folder = where.certificates
    tls = folder and TLSConfig(
        client_cert=(str(folder / "cert.pem"), str(folder / "key.pem")), ca_cert=str(folder / "ca.pem"), verify=True
    )
    try:
        client = docker.DockerClient(base_url=where.url, version="auto", tls=tls or False, use_ssh_client=True)
    except (DockerException, requests.RequestException) as error:
        what, remedy = explain(error, where)
        message = f"no Docker engine for the game's container: {what}"
        raise SetupError(": ".join(filter(None, (message, remedy)))) from error
    try:
        yield client
    finally:
        client.close()


def _build(image: str) -> None:
    source = Path(__file__).resolve().parents[2]
    if not (source / "Dockerfile").is_file():
        raise SetupError(f"there is no image {image}, and no source beside {source.name} to build it from")
    if shutil.which("docker") is None:
        raise SetupError(f"there is no image {image}, and no docker command to build it with")
    log.info("building the image %s", image)
    command = ["docker", "build", "--target", "game", "--tag", image, str(source)]
    if subprocess.run(command, env=os.environ | {"DOCKER_BUILDKIT": "1"}).returncode:
        raise SetupError(f"building the image {image} failed")


def _reason(error: Exception) -> str:
    text = error.explanation if isinstance(error, APIError) else str(error)
    return (str(text) or type(error).__name__).splitlines()[0][:300]
