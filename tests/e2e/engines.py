"""Private Docker engines, which a test may stop, start and break (Linux, root)."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from pathlib import Path

import docker
import pytest

BUSYBOX = "busybox"


class PrivateEngine:
    """A dockerd with data, socket and network namespace (`namespace`, or a new one) of its own; without a bridge.

    The namespace matters: a second dockerd in the machine's own would take the first one's ``docker0`` away.
    """

    def __init__(self, folder: Path, namespace: str = "", *flags: str) -> None:
        self.socket = folder / "docker.sock"
        self.url = f"unix://{self.socket}"
        self._folder = folder
        self._flags = flags
        self._enter = ["nsenter", f"--net=/run/netns/{namespace}"] if namespace else ["unshare", "--net"]
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        command = [
            *self._enter,
            *("dockerd", "--host", self.url, "--data-root", f"{self._folder}/data", "--exec-root", f"{self._folder}/x"),
            *("--pidfile", f"{self._folder}/pid", "--bridge", "none", "--iptables=false", "--ip-masq=false"),
            *self._flags,
        ]
        log = (self._folder / "log").open("ab")
        self._process = subprocess.Popen(command, stdout=log, stderr=log)
        deadline = time.monotonic() + 60
        while not self._answers():
            assert self._process.poll() is None, (self._folder / "log").read_text()[-2000:]
            assert time.monotonic() < deadline
            time.sleep(0.1)

    def stop(self) -> None:
        """Restart it as an administrator does; its containers are stopped."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait(60)
            self._process = None

    def client(self) -> docker.DockerClient:
        return docker.DockerClient(base_url=self.url, version="auto")

    def remove(self) -> None:
        """Stop it and unmount what it left."""
        self.stop()
        mounts = Path("/proc/mounts").read_text().splitlines()
        for point in sorted((line.split()[1] for line in mounts if str(self._folder) in line), reverse=True):
            subprocess.run(["umount", "-l", point], check=False)
        shutil.rmtree(self._folder, ignore_errors=True)

    def _answers(self) -> bool:
        try:
            client = self.client()
        except docker.errors.DockerException:
            return False
        client.close()
        return True


def need_private_engines() -> None:
    """Skip the test where no engine can be started."""
    if os.geteuid() != 0 or shutil.which("dockerd") is None:
        pytest.skip("a private engine needs root and dockerd")


def copy_busybox(source: docker.DockerClient, *targets: PrivateEngine) -> None:
    """Copy the victims' image from one engine to others."""
    data = b"".join(source.images.get(BUSYBOX).save(named=True))
    for target in targets:
        client = target.client()
        client.images.load(data)
        client.close()
