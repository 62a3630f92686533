"""The pod of deploy/kubernetes, played by Docker: its containers as the manifest has them, and a test API server.

No cluster: what a kubelet would do (volumes open to all, the account's files, one user for each container) is done here
by hand. What this shows is that the images start under those restrictions and reach each other and the API.
"""

from __future__ import annotations

import json
import ssl
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import docker
import pytest
from docker.models.containers import Container

from tests import certificates
from tests.e2e.conftest import build
from tests.e2e.real_bridge import TEST_LABEL
from tests.kubernetes_api import ApiServer
from tests.manifests import Manifests, render

KILL = """
import json, socket
client = socket.socket(socket.AF_UNIX)
client.connect("/run/pydoom/bridge.sock")
file = client.makefile("rw")
def ask(**message):
    file.write(json.dumps(message) + "\\n")
    file.flush()
    return json.loads(file.readline())
(pod,) = ask(type="list")["containers"]
print(json.dumps([pod["name"], ask(type="kill", id=pod["id"], weapon="shotgun")]))
"""


@pytest.fixture
def api(tmp_path: Path) -> Iterator[ApiServer]:
    """An API server that speaks TLS and judges requests by the rights of the manifest."""
    made = certificates.make(tmp_path, "IP:127.0.0.1")
    server = ApiServer()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(made / "cert.pem", made / "key.pem")
    server.server.socket = context.wrap_socket(server.server.socket, server_side=True)
    yield server
    server.stop()


class Kubelet:
    """Starts a pod's containers one by one."""

    def __init__(self, engine: docker.DockerClient, manifests: Manifests, run_id: str, account: Path) -> None:
        self._engine = engine
        self._pod = manifests.pod
        self._run_id = run_id
        self._account = account
        self._volumes = {each["name"]: each for each in self._pod["spec"]["volumes"]}
        for name, volume in self._volumes.items():
            if "emptyDir" in volume:  # a file system in memory, open to all as the kubelet makes them
                options = {"type": "tmpfs", "device": "tmpfs", "o": "mode=0777"}
                engine.volumes.create(self._volume(name), driver_opts=options, labels={TEST_LABEL: run_id})
        # what is only in memory lasts as long as somebody has it mounted
        self.pause = self._run("busybox", "pause", {"volumeMounts": [
            {"name": name, "mountPath": f"/{name}"} for name, each in self._volumes.items() if "emptyDir" in each
        ]}, command=["sleep", "3600"], network_mode="none")  # fmt: skip

    def start(self, container: dict[str, Any], **options: Any) -> Container:
        security = container["securityContext"]
        environment = {each["name"]: str(each["value"]) for each in container.get("env", ()) if "value" in each}
        return self._run(
            container["image"],
            container["name"],
            container,
            **({"entrypoint": container["command"]} if "command" in container else {}),
            command=container.get("args"),
            environment=environment | options.pop("more", {}),
            user=f"{security['runAsUser']}:{security['runAsGroup']}",
            read_only=security["readOnlyRootFilesystem"],
            cap_drop=security["capabilities"]["drop"],
            cap_add=security["capabilities"].get("add", []),
            security_opt=["no-new-privileges:true"],
            mem_limit=container["resources"]["limits"]["memory"].removesuffix("i").lower(),
            **options,
        )

    def clean(self) -> None:
        label: dict[str, str | list[str] | bool] = {"label": f"{TEST_LABEL}={self._run_id}"}
        for container in self._engine.containers.list(all=True, filters=label, sparse=True):
            container.remove(force=True)
        for volume in self._engine.volumes.list(filters=label):
            volume.remove()

    def _volume(self, name: str) -> str:
        return f"pod-{name}-{self._run_id}"

    def _run(self, image: str, name: str, container: dict[str, Any], **options: Any) -> Container:
        volumes = [
            f"{self._volume(each['name']) if 'emptyDir' in self._volumes[each['name']] else self._account}:"
            f"{each['mountPath']}:{'ro' if each.get('readOnly') else 'rw'},nocopy"
            for each in container["volumeMounts"]
        ]
        volumes = [each.removesuffix(",nocopy") if each.startswith("/") else each for each in volumes]
        return self._engine.containers.run(
            image, detach=True, name=f"pod-{name}-{self._run_id}", labels={TEST_LABEL: self._run_id},
            volumes=volumes, **options,
        )  # fmt: skip


def test_the_pod_s_containers_run_as_the_manifest_has_them(
    engine: docker.DockerClient, api: ApiServer, run_id: str, tmp_path: Path
) -> None:
    manifests = render("namespace", "shop")
    api.authorizer = lambda *asked: manifests.allows("pydoom-bridge", *asked)
    api.add("web", "shop")
    uid = api.add("pydoom", "shop", labels=manifests.pod["metadata"]["labels"])
    account = tmp_path / "account"
    account.mkdir()
    for name, text in {"token": "of-the-pod", "namespace": "shop"}.items():
        (account / name).write_text(text)
    (account / "ca.crt").write_bytes((tmp_path / "cert.pem").read_bytes())
    build("bridge", "game")
    kubelet = Kubelet(engine, manifests, run_id, account)
    try:
        folders = kubelet.start(manifests.container("folders"), network_mode="none")
        assert folders.wait(timeout=60)["StatusCode"] == 0, folders.logs()
        where = {"KUBERNETES_SERVICE_HOST": "127.0.0.1", "KUBERNETES_SERVICE_PORT": api.url.rpartition(":")[2]}
        where["POD_UID"] = uid
        bridge = kubelet.start(manifests.container("bridge"), network_mode="host", more=where)
        probe(bridge, manifests.container("bridge"))
        game = kubelet.start(manifests.container("game"), network_mode="none")
        probe(game, manifests.container("game"))
        name, said = json.loads(output(game, "python3", "-c", KILL))
        assert (name, said["type"], said["action"]) == ("web", "ok", "remove"), said
        assert len(api.deletions) == 1
        assert "of-the-pod" not in output(game, "sh", "-c", "cat /var/run/secrets/kubernetes.io/*/token 2>&1; true")
        assert json.loads(output(bridge, "tail", "-n", "1", "/var/lib/pydoom/audit.jsonl"))["result"] == "ok"
    finally:
        kubelet.clean()


def probe(container: Container, manifest: dict[str, Any]) -> None:
    """The start-up probe succeeds in time."""
    probed = manifest["startupProbe"]
    for _ in range(probed["failureThreshold"]):
        if container.exec_run(probed["exec"]["command"]).exit_code == 0:
            return
        container.reload()
        assert container.status == "running", container.logs().decode()
        time.sleep(probed["periodSeconds"])
    raise AssertionError(f"{container.name} never became healthy: {container.logs().decode()}")


def output(container: Container, *words: str) -> str:
    found = container.exec_run(list(words))
    assert found.exit_code == 0, found.output
    assert isinstance(found.output, bytes)
    return found.output.decode()
