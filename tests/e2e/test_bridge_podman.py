"""The bridge on a real Podman, through its Docker-compatible socket."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import docker
import pytest
from docker.models.containers import Container

from tests.bridges import eventually
from tests.e2e.conftest import LABEL
from tests.e2e.real_bridge import RealBridge
from tests.narrow import some

pytestmark = pytest.mark.e2e

RUNTIME = f"""#!{sys.executable}
# on machines where nobody may raise resource limits, those that this version of Podman asks for fail
import json, os, sys
words = sys.argv[1:]
if "--bundle" in words:
    path = os.path.join(words[words.index("--bundle") + 1], "config.json")
    with open(path) as file:
        spec = json.load(file)
    spec["process"].pop("rlimits", None)
    with open(path, "w") as file:
        json.dump(spec, file)
os.execvp("runc", ["runc", *words])
"""


@dataclass
class Podman:
    """A Podman service of the test's own: nothing of it is shared with a Podman the user may have."""

    command: list[str]
    url: str
    client: docker.DockerClient
    process: subprocess.Popen[bytes]

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(10)

    def start(self) -> None:
        self.process = serve(self.command, self.url)
        eventually(self._answers, 20)

    def names(self, run_id: str) -> set[str]:
        found = self.client.api.containers(filters={"label": f"{LABEL}={run_id}"})
        return {each["Names"][0].strip("/").removesuffix(f"-{run_id}") for each in found}

    def _answers(self) -> bool:
        assert self.process.poll() is None, "podman system service ended"
        try:
            return bool(self.client.ping())
        except Exception:
            return False


def serve(command: list[str], url: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen([*command, "system", "service", "--time", "0", url], stderr=subprocess.DEVNULL)


@pytest.fixture(scope="module")
def podman(tmp_path_factory: pytest.TempPathFactory, engine: docker.DockerClient) -> Iterator[Podman]:
    if shutil.which("podman") is None or shutil.which("runc") is None:
        pytest.skip("podman or runc is not installed")
    folder = tmp_path_factory.mktemp("podman")
    runtime = folder / "runtime"
    runtime.write_text(RUNTIME)
    runtime.chmod(0o755)
    places = {"--root": "root", "--runroot": "runroot", "--tmpdir": "tmp"}
    command = ["podman", *(word for flag, name in places.items() for word in (flag, str(folder / name)))]
    command += ["--storage-driver", "vfs", "--runtime", str(runtime)]
    command += ["--cgroup-manager", "cgroupfs", "--events-backend", "file"]
    archive = folder / "busybox.tar"
    archive.write_bytes(b"".join(engine.images.get("busybox").save(named=True)))
    subprocess.run([*command, "load", "--quiet", "--input", str(archive)], check=True, capture_output=True)
    url = f"unix://{folder}/podman.sock"
    # the API version is given, since the client would otherwise ask before the service is up
    running = Podman(command, url, docker.DockerClient(base_url=url, version="1.40"), serve(command, url))
    try:
        eventually(running._answers, 20)
        yield running
    finally:
        running.client.close()
        running.stop()
        subprocess.run([*command, "rm", "--all", "--force", "--time", "0"], check=True, capture_output=True)


@pytest.fixture
def start_pod(podman: Podman, run_id: str) -> Iterator[Callable[[str], Container]]:
    """Start a sleeping container in Podman; all are removed afterwards."""

    def start(name: str) -> Container:
        created = podman.client.containers.create(
            "busybox", ["sleep", "86400"], name=f"{name}-{run_id}", labels={LABEL: run_id}, network_mode="none"
        )
        created.start()
        return created

    yield start
    for found in podman.client.api.containers(all=True, filters={"label": f"{LABEL}={run_id}"}):
        podman.client.api.remove_container(found["Id"], force=True)


def test_podman_containers_are_watched_and_killed(
    podman: Podman, start_pod: Callable[[str], Container], run_id: str, start_bridge: Callable[..., RealBridge]
) -> None:
    first = start_pod("first")
    bridge = start_bridge("--backend", "podman", "--engine-url", podman.url)
    talk = bridge.talk()
    (seen,) = talk.ask(type="watch")["containers"]
    assert (seen["id"], seen["name"], seen["state"]) == (first.id, f"first-{run_id}", "running")
    assert "busybox" in seen["image"]
    second = start_pod("second")
    added = talk.read()
    assert (added["type"], added["container"]["id"]) == ("added", second.id)
    podman.client.api.remove_container(
        some(second.id), force=True
    )  # its event is `remove`, where Docker says `destroy`
    assert talk.read() == {"type": "removed", "id": second.id}
    talk.send(type="kill", id=first.id, weapon="shotgun", seq=1)
    answers = [talk.read(), talk.read()]
    assert {each["type"] for each in answers} == {"ok", "removed"}
    assert podman.names(run_id) == set()


def test_the_original_s_shell_lines_work_on_podman(
    podman: Podman, start_pod: Callable[[str], Container], run_id: str, start_bridge: Callable[..., RealBridge]
) -> None:
    start_pod("one")
    start_pod("two")
    # found the way the docker command finds it
    bridge = start_bridge("--backend", "podman", DOCKER_HOST=podman.url)
    assert sorted(bridge.names()) == [f"one-{run_id}", f"two-{run_id}"]
    bridge.shell(f'echo "kill two-{run_id}" | nc -U SOCKET')
    eventually(lambda: podman.names(run_id) == {"one"}, 20)


@pytest.mark.parametrize("action", ["stop", "kill", "restart", "pause"])
def test_every_action_of_the_policy_works_on_podman(
    action: str, podman: Podman, start_pod: Callable[[str], Container], start_bridge: Callable[..., RealBridge]
) -> None:
    target = start_pod("target")
    before = started_at(podman, target)
    bridge = start_bridge("--backend", "podman", "--engine-url", podman.url, "--action", action)
    talk = bridge.talk()
    assert talk.ask(type="kill", id=target.id)["action"] == action

    def state() -> str:
        return str(podman.client.api.inspect_container(some(target.id))["State"]["Status"])

    if action == "restart":
        eventually(lambda: state() == "running" and started_at(podman, target) != before, 10)
    else:
        eventually(lambda: state() == ("paused" if action == "pause" else "exited"), 10)
    if action == "pause":
        podman.client.api.unpause(some(target.id))


def test_the_roster_is_right_again_two_seconds_after_podman_s_return(
    podman: Podman, start_pod: Callable[[str], Container], run_id: str, start_bridge: Callable[..., RealBridge]
) -> None:
    kept, lost = start_pod("kept"), start_pod("lost")
    bridge = start_bridge("--backend", "podman", "--engine-url", podman.url)
    talk = bridge.talk()
    assert len(talk.ask(type="watch")["containers"]) == 2
    podman.stop()
    down = talk.read()
    assert (down["type"], down["state"]) == ("engine", "down")
    assert talk.ask(type="kill", id=kept.id)["code"] == "engine-down"
    subprocess.run([*podman.command, "rm", "--force", "--time", "0", some(lost.id)], check=True, capture_output=True)
    podman.start()
    eventually(lambda: bridge.names() == [f"kept-{run_id}"], 2)


def started_at(podman: Podman, container: Container) -> str:
    return str(podman.client.api.inspect_container(some(container.id))["State"]["StartedAt"])
