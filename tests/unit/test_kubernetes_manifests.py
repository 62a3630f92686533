"""deploy/kubernetes: valid, with no more rights than needed, and with the token where only the bridge reads it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest

from hostbridge.backends import kubeconfig
from hostbridge.backends.kubernetes import KubernetesBackend
from hostbridge.cli import environment
from hostbridge.model import Code, KillAction, RequestError
from hostbridge.policy.file import load
from tests.kubernetes_api import ApiServer
from tests.manifests import NAMES, OVERLAYS, Manifests, render

ACCOUNT_FOLDER = str(kubeconfig.ACCOUNT)
VERSIONS = ("1.25", "1.31", "1.34")
VERBS = ("get", "list", "watch", "create", "update", "patch", "delete", "deletecollection")
RESOURCES = ("pods", "pods/exec", "pods/log", "secrets", "configmaps", "namespaces", "nodes", "deployments")


@pytest.fixture(params=NAMES, scope="module")
def manifests(request: pytest.FixtureRequest) -> Manifests:
    return render(request.param)


@pytest.fixture
def api() -> Iterator[ApiServer]:
    server = ApiServer()
    for namespace in ("shop", "other"):
        server.add("web", namespace)
    yield server
    server.stop()


def containers(manifests: Manifests) -> list[dict[str, Any]]:
    spec = manifests.pod["spec"]
    return [*spec["initContainers"], *spec["containers"]]


def test_each_overlay_has_a_test() -> None:
    assert {each.name for each in OVERLAYS.iterdir()} == set(NAMES)


@pytest.mark.parametrize("version", VERSIONS)
def test_every_object_follows_the_api_s_schema(manifests: Manifests, version: str) -> None:
    for document in manifests.documents:
        kubernetes_validate.validate(document, version, strict=True)


@pytest.mark.parametrize(
    ("overlay", "expected"),
    [
        ("namespace", {(verb, "pods", "shop") for verb in ("list", "watch", "delete")}),
        ("dry-run", {(verb, "pods", "shop") for verb in ("list", "watch")}),
        ("cluster", {(verb, "pods", place) for verb in ("list", "watch", "delete") for place in ("", "shop", "other")}),
    ],
)
def test_the_bridge_s_account_has_these_rights_and_no_others(overlay: str, expected: set[tuple[str, str, str]]) -> None:
    manifests = render(overlay)
    account = manifests.pod["spec"]["serviceAccountName"]
    asked = [(verb, resource, place) for verb in VERBS for resource in RESOURCES for place in ("", "shop", "other")]
    assert {each for each in asked if manifests.allows(account, *each)} == expected
    assert not any(manifests.allows("default", *each) for each in asked)


@pytest.mark.parametrize(("overlay", "seen"), [("namespace", ["web"]), ("cluster", ["other/web", "shop/web"])])
def test_those_rights_are_enough_for_the_bridge(api: ApiServer, overlay: str, seen: list[str]) -> None:
    manifests = render(overlay)
    api.authorizer = lambda *asked: manifests.allows("pydoom-bridge", *asked)
    backend = KubernetesBackend(["shop"] if overlay == "namespace" else [], host=api.url)
    assert sorted(each.name for each in backend.list()) == seen
    for each in backend.list():
        backend.act(each, KillAction.REMOVE)
    assert len(api.deletions) == len(seen)


def test_the_namespace_s_bridge_sees_no_other_namespace(api: ApiServer) -> None:
    manifests = render("namespace")
    api.authorizer = lambda *asked: manifests.allows("pydoom-bridge", *asked)
    for namespaces in (["other"], []):
        with pytest.raises(RequestError) as caught:
            KubernetesBackend(namespaces, host=api.url).list()
        assert caught.value.code is Code.DENIED


def test_in_a_dry_run_the_server_refuses_what_the_bridge_does_not_try(api: ApiServer) -> None:
    manifests = render("dry-run")
    api.authorizer = lambda *asked: manifests.allows("pydoom-bridge", *asked)
    backend = KubernetesBackend(["shop"], host=api.url)
    (pod,) = backend.list()
    with pytest.raises(RequestError) as caught:
        backend.act(pod, KillAction.REMOVE)
    assert caught.value.code is Code.DENIED
    assert {"name": "PYDOOM_DRY_RUN", "value": "1"} in manifests.container("bridge")["env"]


def test_only_the_bridge_gets_the_token(manifests: Manifests) -> None:
    assert manifests.pod["spec"]["automountServiceAccountToken"] is False
    for account in manifests.of_kind("ServiceAccount"):
        assert account["automountServiceAccountToken"] is False
    (volume,) = (each["name"] for each in manifests.pod["spec"]["volumes"] if "projected" in each)
    mounts = [(each["name"], m) for each in containers(manifests) for m in each["volumeMounts"] if m["name"] == volume]
    assert mounts == [("bridge", {"name": volume, "mountPath": ACCOUNT_FOLDER, "readOnly": True})]


def test_containers_have_as_little_power_as_they_need(manifests: Manifests) -> None:
    for each in containers(manifests):
        security = each["securityContext"]
        assert security["allowPrivilegeEscalation"] is False
        assert security["readOnlyRootFilesystem"] is True
        assert security["capabilities"]["drop"] == ["ALL"]
        assert each["resources"]["limits"]["memory"]
        if each["name"] == "folders":
            assert security["capabilities"]["add"] == ["CHOWN"]
        else:
            assert (security["runAsNonRoot"], security["capabilities"].get("add")) == (True, None)
    for forbidden in ("hostNetwork", "hostPID", "hostIPC", "shareProcessNamespace"):
        assert forbidden not in manifests.pod["spec"]
    assert not any("hostPath" in each for each in manifests.pod["spec"]["volumes"])


def test_nobody_connects_from_outside_and_other_pods_are_left_alone(manifests: Manifests) -> None:
    (policy,) = manifests.of_kind("NetworkPolicy")
    assert (policy["spec"]["policyTypes"], policy["spec"]["ingress"]) == (["Ingress"], [])
    chosen = policy["spec"]["podSelector"]["matchLabels"]
    assert chosen
    assert chosen.items() <= manifests.pod["metadata"]["labels"].items()
    assert not list(manifests.of_kind("Service", "Ingress"))
    assert "--listen 127.0.0.1" in " ".join(manifests.container("game")["args"])


def test_the_bridge_never_lists_its_own_pod(
    api: ApiServer, manifests: Manifests, monkeypatch: pytest.MonkeyPatch
) -> None:
    uid = api.add("pydoom", "shop", labels=manifests.pod["metadata"]["labels"])
    environs = {each["name"]: each for each in manifests.container("bridge")["env"]}
    assert environs["POD_UID"]["valueFrom"]["fieldRef"]["fieldPath"] == "metadata.uid"
    monkeypatch.setenv("POD_UID", uid)
    assert [each.name for each in KubernetesBackend(["shop"], host=api.url).list()] == ["web"]


def test_every_variable_of_the_bridge_is_an_option_of_it(manifests: Manifests) -> None:
    names = {each["name"] for each in manifests.container("bridge")["env"]} - {"POD_UID"}
    assert names <= {environment.variable_of(each) for each in environment.KNOWN}


def test_the_socket_s_folder_is_the_same_for_both(manifests: Manifests) -> None:
    bridge, game = (manifests.container(each) for each in ("bridge", "game"))
    places = [{m["name"]: m["mountPath"] for m in each["volumeMounts"]}["socket"] for each in (bridge, game)]
    socket = {each["name"]: each.get("value") for each in bridge["env"]}["PYDOOM_SOCKET"]
    assert places == [str(Path(str(socket)).parent)] * 2
    assert f"unix://{socket}" in game["args"]


def test_a_policy_is_added_by_a_component(tmp_path: Path) -> None:
    mine = tmp_path / "kubernetes"
    shutil.copytree(OVERLAYS.parent, mine)
    with (mine / "overlays" / "namespace" / "kustomization.yaml").open("a") as file:
        file.write("components: [../../components/policy]\n")
    manifests = render("namespace", overlays=mine / "overlays")
    (config,) = manifests.of_kind("ConfigMap")
    policy = tmp_path / "policy.toml"
    policy.write_text(config["data"]["policy.toml"])
    assert load(policy, only_trusted=False).protect
    assert {"name": "PYDOOM_POLICY", "value": "/etc/pydoom/policy.toml"} in manifests.container("bridge")["env"]
    volumes = [each for each in manifests.pod["spec"]["volumes"] if each["name"] == "policy"]
    assert volumes == [{"name": "policy", "configMap": {"name": config["metadata"]["name"]}}]
    kubernetes_validate.validate(next(manifests.of_kind("Deployment")), VERSIONS[-1], strict=True)
