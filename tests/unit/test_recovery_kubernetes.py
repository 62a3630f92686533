"""Recovery of Kubernetes workloads, against `tests.kubernetes_api`; and the faults that pods cannot suffer."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from hostbridge.backends.kubernetes import KubernetesBackend
from hostbridge.cli.main import main
from hostbridge.policy.rules import Policy
from tests.bridges import Bridge, Listed, Message, Talk, eventually
from tests.kubernetes_api import ApiServer, OwnerReference, Pod, pod

READY = {"type": "Ready", "status": "True"}
NOT_READY = {"type": "Ready", "status": "False"}


class Workload:
    """A controller: puts a pod in the place of each one that was deleted, not ready at first."""

    def __init__(self, api: ApiServer, kind: str, name: str, replicas: int, probed: bool = True) -> None:
        self.api, self.kind, self.name, self.probed = api, kind, name, probed
        self.replaces = True
        self.count = 0
        self._lock = threading.Lock()
        for _ in range(replicas):
            self.set_ready(self.make())

    def make(self, name: str = "", template: str = "5d9c8") -> str:
        """A pod of this workload that runs and is not ready; its name."""
        with self._lock:
            self.count += 1
            number = self.count
        labels: dict[str, str] = {}
        owner = OwnerReference(kind=self.kind, name=self.name, uid=f"owner-{self.kind}-{self.name}", controller=True)
        if self.kind == "Deployment":
            owner["kind"], owner["name"] = "ReplicaSet", f"{self.name}-{template}"
            labels = {"pod-template-hash": template}
        name = name or (f"{self.name}-{number - 1}" if self.kind == "StatefulSet" else f"{self.name}-x{number}")
        uid = f"uid-{self.kind}-{name}-{number}"
        made = pod(name, "shop", uid, labels=labels, ownerReferences=[owner])
        if self.probed:
            made["spec"]["containers"] = [{"name": "main", "image": "nginx:1.27", "readinessProbe": {"httpGet": {}}}]
        made["status"]["conditions"] = [NOT_READY]
        self.api.add_raw(made)
        return name

    def set_ready(self, name: str, ready: bool = True) -> None:
        self.api.set_status(name, "shop", conditions=[READY if ready else NOT_READY])

    def deleted(self, gone: Pod) -> None:
        if self.replaces:
            self.make(gone["metadata"]["name"] if self.kind == "StatefulSet" else "")


@pytest.fixture
def api() -> Iterator[ApiServer]:
    server = ApiServer()
    yield server
    server.stop()


def watching(bridge: Bridge) -> tuple[Talk, list[Listed]]:
    talk = Talk(bridge.connect())
    talk.ask(type="hello", version=2)
    return talk, talk.ask(type="watch")["containers"]


def until(talk: Talk, *kinds: str) -> Message:
    while (said := talk.read())["type"] not in kinds:
        continue
    return said


def bridge_for(api: ApiServer, folder: Path, seconds: int = 300) -> Bridge:
    return Bridge(folder, KubernetesBackend(["shop"], host=api.url), Policy(recovery_seconds=seconds))


def unready(api: ApiServer) -> list[str]:
    return [name for (_, name), each in api.pods.items() if each["status"].get("conditions") == [NOT_READY]]


@pytest.mark.parametrize("graceful", [False, True])
@pytest.mark.parametrize("kind", ["Deployment", "ReplicaSet", "StatefulSet", "DaemonSet"])
def test_workload_has_recovered_when_its_new_pod_is_ready(
    api: ApiServer, tmp_path: Path, kind: str, graceful: bool
) -> None:
    workload = Workload(api, kind, "web", 3)
    if not graceful:  # a pod that ends keeps its name until then
        api.controller = workload.deleted
    api.graceful = graceful
    with bridge_for(api, tmp_path) as bridge:
        talk, listed = watching(bridge)
        assert {each["service"] for each in listed} == {"web"}
        assert {each["health"] for each in listed} == {"healthy"}
        victim = next(each for each in listed if each["name"].endswith(("-1", "x1")))
        talk.send(type="kill", id=victim["id"])
        until(talk, "ok")
        if graceful:
            api.remove(victim["name"], "shop")
            workload.deleted({**pod(victim["name"], "shop")})
        (new,) = eventually(lambda: unready(api))
        eventually(lambda: any(each.health == "unhealthy" for each in bridge.roster.newest_first()))
        assert not [each for each in bridge.audited() if "recovered" in each["event"]], "it runs, but is not ready"
        workload.set_ready(new)
        said = until(talk, "recovered", "not-recovered")
        assert (said["type"], said["id"], said["service"]) == ("recovered", victim["id"], "shop/web")


@pytest.mark.parametrize("kind", ["Deployment", "StatefulSet"])
def test_workload_that_is_not_replaced_has_not_recovered(api: ApiServer, tmp_path: Path, kind: str) -> None:
    Workload(api, kind, "web", 2)
    with bridge_for(api, tmp_path, 1) as bridge:
        talk, (victim, _) = watching(bridge)
        talk.send(type="kill", id=victim["id"])
        said = until(talk, "recovered", "not-recovered")
        assert (said["type"], said["id"], said["service"]) == ("not-recovered", victim["id"], "shop/web")


def test_pods_of_another_kind_with_the_same_name_do_not_count(api: ApiServer, tmp_path: Path) -> None:
    Workload(api, "Deployment", "web", 1)
    others = Workload(api, "StatefulSet", "web", 1)
    with bridge_for(api, tmp_path, 1) as bridge:
        talk, listed = watching(bridge)
        talk.send(type="kill", id=next(each["id"] for each in listed if "Deployment" in each["id"]))
        until(talk, "ok")
        others.set_ready(others.make())
        assert until(talk, "recovered", "not-recovered")["type"] == "not-recovered"


def test_pods_of_a_new_template_count_for_their_deployment(api: ApiServer, tmp_path: Path) -> None:
    workload = Workload(api, "Deployment", "web", 1)
    with bridge_for(api, tmp_path) as bridge:
        talk, (victim,) = watching(bridge)
        talk.send(type="kill", id=victim["id"])
        until(talk, "ok")
        workload.set_ready(workload.make(template="77aa1"))
        assert until(talk, "recovered", "not-recovered")["type"] == "recovered"


def test_pod_of_no_controller_has_recovered_when_somebody_creates_it_again(api: ApiServer, tmp_path: Path) -> None:
    api.add("web", "shop")
    with bridge_for(api, tmp_path) as bridge:
        talk, (victim,) = watching(bridge)
        talk.send(type="kill", id=victim["id"])
        until(talk, "ok")
        api.add("other", "shop")
        api.add("web", "shop")
        said = until(talk, "recovered", "not-recovered")
        assert (said["type"], said["service"]) == ("recovered", "web")


def test_pod_that_was_not_ready_before_is_not_expected_back(api: ApiServer, tmp_path: Path) -> None:
    workload = Workload(api, "Deployment", "web", 1)
    workload.set_ready("web-x1", False)
    with bridge_for(api, tmp_path, 1) as bridge:
        talk, (victim,) = watching(bridge)
        talk.send(type="kill", id=victim["id"])
        until(talk, "ok")
        assert talk.ask(type="ping")["type"] in ("removed", "pong")
        assert not bridge.recovery._awaited


@pytest.mark.parametrize(
    ("probed", "status", "health"),
    [
        (True, {"conditions": [READY]}, "healthy"),
        (False, {"conditions": [READY]}, ""),
        (False, {"conditions": [NOT_READY]}, "unhealthy"),
        (True, {"conditions": [NOT_READY], "containerStatuses": [{"name": "main", "started": False}]}, "starting"),
        (True, {"conditions": [NOT_READY], "containerStatuses": [{"name": "main", "started": True}]}, "unhealthy"),
        (True, {"conditions": []}, ""),
        (True, {"conditions": None}, ""),
    ],
)
def test_health_is_whether_a_pod_is_ready(api: ApiServer, probed: bool, status: dict[str, object], health: str) -> None:
    workload = Workload(api, "Deployment", "web", 1, probed)
    api.set_status("web-x1", "shop", **status)
    (found,) = KubernetesBackend(["shop"], host=api.url).list()
    assert (found.health, found.service, found.service_kind) == (health, workload.name, "Deployment")


@pytest.mark.parametrize(
    ("flags", "reason"),
    [
        (["--action", "pause:20"], "a kill: the kubernetes backend cannot pause for 20 s; it can remove, kill"),
        (["--action", "pause"], "a kill: the kubernetes backend cannot pause; it can remove, kill"),
        (["--action", "stop"], "a kill: the kubernetes backend cannot stop; it can remove, kill"),
        (["--weapon", "fist=restart"], "fist: the kubernetes backend cannot restart; it can remove, kill"),
        (["--weapon", "bfg9000=disconnect"], "bfg9000: the kubernetes backend cannot disconnect for 20 s"),
        (["--weapon", "pistol=throttle:5"], "pistol: the kubernetes backend cannot throttle for 5 s"),
        (["--weapon", "pistol=squeeze"], "pistol: the kubernetes backend cannot squeeze for 20 s"),
    ],
)
def test_fault_that_pods_cannot_suffer_is_refused_by_name_at_the_start(
    api: ApiServer, tmp_path: Path, capsys: pytest.CaptureFixture[str], flags: list[str], reason: str
) -> None:
    where = ["--socket", str(tmp_path / "bridge.sock"), "--audit", str(tmp_path / "audit.jsonl")]
    assert main(["--backend", "kubernetes", "--engine-url", api.url, *where, *flags]) == 2
    assert reason in capsys.readouterr().err
    assert not (tmp_path / "audit.jsonl").exists()


def test_signal_in_a_policy_is_refused_by_name(
    api: ApiServer, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    policy = tmp_path / "policy.toml"
    policy.write_text('[kill.weapons]\nfist = {action = "kill", signal = "TERM"}\n')
    flags = ["--socket", str(tmp_path / "bridge.sock"), "--audit", str(tmp_path / "audit.jsonl")]
    assert main(["--backend", "kubernetes", "--engine-url", api.url, "--policy", str(policy), *flags]) == 2
    assert "fist: the kubernetes backend cannot kill with SIGTERM" in capsys.readouterr().err


@pytest.mark.parametrize(("backend", "fault"), [("swarm", "disconnect"), ("podman", "squeeze"), ("command", "squeeze")])
def test_other_engines_name_what_they_cannot_do_too(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], backend: str, fault: str
) -> None:
    where = ["--socket", str(tmp_path / "bridge.sock"), "--audit", str(tmp_path / "audit.jsonl")]
    engine = (
        ["--list-command", "true", "--kill-command", "true"] if backend == "command" else ["--engine-url", "unix:///n"]
    )
    assert main(["--backend", backend, *engine, *where, "--weapon", f"fist={fault}:3"]) == 2
    assert f"fist: the {backend} backend cannot {fault} for 3 s; it can remove" in capsys.readouterr().err
