"""Time from the start of the game's container until its health check says healthy, and of the steps before.

    python -m benchmarks.startup [--image pydoom] [--starts 5]

Needs a Docker engine with the image (`docker compose build`). The container is started as in `compose.yaml`, but
without a bridge: the game does not wait for one. The check's times are by the container's own clock.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypedDict

import docker
import requests
from docker.models.containers import Container


class Check(TypedDict):
    """A run of the health check, as the engine reports it."""

    Start: str
    End: str
    ExitCode: int


class Health(TypedDict):
    """What the health checks found."""

    Status: str
    Log: list[Check]


class ContainerState(TypedDict):
    """The state of a container with a health check, as the engine reports it."""

    Status: str
    StartedAt: str
    Health: Health


@dataclass(frozen=True, slots=True)
class Start:
    """Seconds since the engine began to start the container."""

    ready: float
    """The kiosk announces itself: a frame on the screen, VNC and page answer."""
    asked: float
    """The first successful health check begins."""
    healthy: float
    """That check ends."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--image", default="pydoom")
    parser.add_argument("--starts", type=int, default=5)
    options, _ = parser.parse_known_args()
    try:
        client = docker.from_env()
        client.images.get(options.image)
    except (docker.errors.DockerException, requests.RequestException) as error:
        print(f"not measured: {error}")
        return
    starts = [start(client, options.image) for _ in range(options.starts)]
    print(f"{options.starts} starts of {options.image}, seconds since the start: median and worst")
    for name in ("ready", "asked", "healthy"):
        values = sorted(getattr(each, name) for each in starts)
        print(f"{name:>8} {values[len(values) // 2]:6.2f} {values[-1]:6.2f}")
    print(f"{'import':>8} {imports(options.image):6.2f}")


def start(client: docker.DockerClient, image: str) -> Start:
    """Start a container, wait until it is healthy, remove it. Raises TimeoutError."""
    container = client.containers.create(
        image,
        read_only=True,
        tmpfs={"/tmp": "", "/home/pydoom": "uid=10001,gid=10001,mode=700"},
        cap_drop=["ALL"],
        security_opt=["no-new-privileges:true"],
        ulimits=[docker.types.Ulimit(name="nofile", soft=1024, hard=1024)],
        init=True,
    )
    try:
        container.start()
        deadline = time.monotonic() + 60
        while (state := _state(container))["Health"]["Status"] != "healthy":
            if time.monotonic() > deadline or state["Status"] != "running":
                raise TimeoutError(container.logs().decode())
            time.sleep(0.05)
        began = _moment(state["StartedAt"])
        check = next(each for each in state["Health"]["Log"] if each["ExitCode"] == 0)
        announced = container.logs(timestamps=True).decode().split(maxsplit=1)[0]
        return Start(*(_moment(text) - began for text in (announced, check["Start"], check["End"])))
    finally:
        container.remove(force=True)


def imports(image: str) -> float:
    """Seconds to import the game in the image."""
    program = "import time; began = time.perf_counter(); import pydoom.run.loop; print(time.perf_counter() - began)"
    command = ["docker", "run", "--rm", "--entrypoint", "/opt/pydoom/bin/python", image, "-c", program]
    return float(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


def _state(container: Container) -> ContainerState:
    container.reload()
    state: ContainerState = container.attrs["State"]
    return state


def _moment(text: str) -> float:
    """Seconds since 1970 of the engine's timestamps, which have nine decimals and write UTC in different ways."""
    found = re.match(r"(\d+-\d+-\d+)[T ](\d+:\d+:\d+)(\.\d+)?", text)
    if found is None:
        raise ValueError(f"not a timestamp: {text}")
    whole = datetime.fromisoformat(f"{found[1]}T{found[2]}").replace(tzinfo=UTC)
    return whole.timestamp() + float(found[3] or 0)


if __name__ == "__main__":
    main()
