"""Several Docker engines on this machine, joined to a swarm, each in a network namespace and with a name of its own.

They share nothing with the machine's own engine, its networks or its packet filter. Needs root.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import docker

from tests.bridges import eventually

NETWORK = "10.213.7"
"""Inside the namespaces only."""

TOOLS = ("dockerd", "ip", "nsenter", "unshare")


def missing() -> str:
    """Why no swarm is possible here, or an empty string."""
    if os.geteuid() != 0:
        return "only root can start engines"
    lacking = [tool for tool in TOOLS if shutil.which(tool) is None]
    return f"not installed: {', '.join(lacking)}" if lacking else ""


class Node:
    """One engine."""

    def __init__(self, folder: Path, prefix: str, number: int) -> None:
        self.name = f"node{number}"
        self.address = f"{NETWORK}.{number + 1}"
        self.space = f"{prefix}-{number}"
        self.folder = folder / self.name
        self.url = f"unix://{self.folder}/docker.sock"

    def start(self) -> None:
        """Start the engine; ask for its API version once it answers."""
        self.folder.mkdir(exist_ok=True)
        places = [f"--{flag}={self.folder / flag}" for flag in ("data-root", "exec-root", "pidfile")]
        command = f"hostname {self.name} && exec dockerd {' '.join(places)} --host={self.url} --bridge=none"
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                ["nsenter", f"--net=/run/netns/{self.space}", "unshare", "--uts", "sh", "-c", command],
                stdout=log,
                stderr=log,
            )
        eventually(self._answers, 40)
        self.client = docker.DockerClient(base_url=self.url, timeout=30)

    def stop(self) -> None:
        """Stop the engine and remove everything it had on the disk."""
        self.client.close()
        self.process.terminate()
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(10)
        mounts = [line.split()[1] for line in Path("/proc/mounts").read_text().splitlines()]
        for place in sorted((each for each in mounts if each.startswith(f"{self.folder}/")), reverse=True):
            subprocess.run(["umount", "--lazy", place], check=False)
        shutil.rmtree(self.folder, ignore_errors=True)

    def _answers(self) -> bool:
        assert self.process.poll() is None, (self.folder / "log").read_text()[-2000:]
        try:
            probe = docker.DockerClient(base_url=self.url, timeout=5)
        except docker.errors.DockerException:
            return False
        probe.close()
        return True


@contextlib.contextmanager
def swarm(folder: Path, image: bytes, size: int = 3) -> Iterator[list[Node]]:
    """A swarm of `size` engines that all have `image` (a saved one); the first is its manager."""
    prefix = f"swarm{os.getpid()}"
    nodes = [Node(folder, prefix, number) for number in range(size)]
    with contextlib.ExitStack() as undo:
        _connect(nodes, undo)
        for node in nodes:
            node.start()
            undo.callback(node.stop)
            node.client.images.load(image)
        manager = nodes[0]
        manager.client.swarm.init(advertise_addr=manager.address, listen_addr=f"{manager.address}:2377")
        token = manager.client.swarm.attrs["JoinTokens"]["Worker"]
        for node in nodes[1:]:
            node.client.swarm.join([f"{manager.address}:2377"], token, advertise_addr=node.address)
        undo.callback(_remove_services, nodes)
        eventually(lambda: [each.attrs["Status"]["State"] for each in manager.client.nodes.list()] == ["ready"] * size)
        yield nodes


def _connect(nodes: Sequence[Node], undo: contextlib.ExitStack) -> None:
    """A namespace for each, all on a bridge in the first one's."""
    for node in nodes:
        _ip("netns", "add", node.space)
        undo.callback(_ip, "netns", "delete", node.space)
        _ip("-n", node.space, "link", "set", "lo", "up")
    hub = nodes[0].space
    _ip("-n", hub, "link", "add", "hub", "type", "bridge")
    _ip("-n", hub, "addr", "add", f"{nodes[0].address}/24", "dev", "hub")
    _ip("-n", hub, "link", "set", "hub", "up")
    for number, node in enumerate(nodes[1:], 1):
        _ip("-n", hub, "link", "add", f"port{number}", "type", "veth", "peer", "name", "eth0", "netns", node.space)
        _ip("-n", hub, "link", "set", f"port{number}", "master", "hub", "up")
        _ip("-n", node.space, "addr", "add", f"{node.address}/24", "dev", "eth0")
        _ip("-n", node.space, "link", "set", "eth0", "up")


def _remove_services(nodes: Sequence[Node]) -> None:
    """End all containers with their engine."""
    with contextlib.suppress(docker.errors.DockerException):
        for service in nodes[0].client.services.list():
            service.remove()
    for node in nodes:
        deadline = time.monotonic() + 10
        with contextlib.suppress(docker.errors.DockerException):
            while time.monotonic() < deadline and node.client.api.containers(all=True):
                time.sleep(0.2)
            for left in node.client.api.containers(all=True):
                node.client.api.remove_container(left["Id"], force=True)


def _ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True, capture_output=True)
