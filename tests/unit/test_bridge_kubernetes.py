"""The Kubernetes backend against `tests.kubernetes_api`, which is no real cluster."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from hostbridge.backends import kubeapi, kubeconfig
from hostbridge.backends.kubernetes import KubernetesBackend
from hostbridge.cli.main import main
from hostbridge.model import LISTED_STATES, Code, Container, KillAction, RequestError
from hostbridge.policy.rules import Policy
from hostbridge.policy.selectors import Selector
from tests.bridges import Bridge, eventually
from tests.conftest import ROOT
from tests.kubernetes_api import BOOKMARK_SECONDS, ApiServer, Pod, pod


@pytest.fixture
def api() -> Iterator[ApiServer]:
    server = ApiServer()
    yield server
    server.stop()


def test_pods_are_listed_watched_and_deleted(api: ApiServer, tmp_path: Path) -> None:
    uid = api.add("web")
    api.add("other", "kube-system")
    with Bridge(tmp_path, KubernetesBackend(["default"], host=api.url)) as bridge, bridge.talk() as talk:
        (pod,) = talk.ask(type="watch")["containers"]
        assert (pod["id"], pod["name"], pod["node"], pod["image"]) == (uid, "web", "node-1", "nginx:1.27")
        db = api.add("db")
        assert talk.read()["container"]["id"] == db
        before = len(api.requests)
        api.remove("db")
        assert talk.read() == {"type": "removed", "id": db}
        assert len(api.requests) == before, "a change costs no request: the watch has told it"
        talk.send(type="kill", id=uid)
        assert {talk.read()["type"], talk.read()["type"]} == {"ok", "removed"}
        assert ("default", "web") not in api.pods
        assert ("kube-system", "other") in api.pods


def test_several_namespaces_are_watched_and_no_other(api: ApiServer, tmp_path: Path) -> None:
    with Bridge(tmp_path, KubernetesBackend(["shop", "blog"], host=api.url)) as bridge, bridge.talk() as talk:
        assert talk.ask(type="watch")["containers"] == []
        eventually(lambda: sum("watch" in each for each in api.requests) == 2)
        api.add("web", "other")
        api.add("web", "shop")
        api.add("web", "blog")
        assert {talk.read()["container"]["name"], talk.read()["container"]["name"]} == {"shop/web", "blog/web"}
        assert all("/namespaces/shop" in each or "/namespaces/blog" in each for each in api.requests)


def test_all_namespaces_and_a_selector(api: ApiServer) -> None:
    api.add("web", tier="front")
    api.add("dns", "kube-system", tier="front")
    api.add("db")
    everything = {"default/web", "default/db"}
    assert {each.name for each in KubernetesBackend(host=api.url).list()} == everything
    picked = KubernetesBackend(["default", "kube-system"], "tier=front", api.url).list()
    assert {each.name for each in picked} == {"default/web", "kube-system/dns"}


def test_a_pod_that_leaves_the_selection_is_no_target_any_more(api: ApiServer, tmp_path: Path) -> None:
    uid = api.add("web", tier="front")
    with Bridge(tmp_path, KubernetesBackend(selector="tier=front", host=api.url)) as bridge, bridge.talk() as talk:
        assert len(talk.ask(type="watch")["containers"]) == 1
        eventually(lambda: any("watch" in each for each in api.requests))
        api.change("web", labels={"tier": "back"})
        assert talk.read() == {"type": "removed", "id": uid}


def test_rules_on_projects_pick_namespaces(api: ApiServer, tmp_path: Path) -> None:
    api.add("web", "shop")
    api.add("dns", "infrastructure")
    policy = Policy(exclude=(Selector.parse("project=infra*"),))
    with Bridge(tmp_path, KubernetesBackend(host=api.url), policy) as bridge:
        assert bridge.names() == ["shop/web"]


def test_a_pod_recreated_under_its_name_is_not_deleted(api: ApiServer) -> None:
    api.add("web")
    backend = KubernetesBackend(["default"], host=api.url)
    (old,) = backend.list()
    api.remove("web")
    api.add("web")
    with pytest.raises(RequestError) as caught:
        backend.act(old, KillAction.REMOVE)
    assert caught.value.code is Code.CONFLICT
    assert ("default", "web") in api.pods


def test_a_pod_whose_labels_changed_without_an_event_is_not_deleted(api: ApiServer) -> None:
    api.add("web")
    backend = KubernetesBackend(["default"], host=api.url)
    (old,) = backend.list()
    api.change("web", labels={"pydoom.protect": "true"})
    with pytest.raises(RequestError) as caught:
        backend.act(old, KillAction.REMOVE)
    assert caught.value.code is Code.CONFLICT
    backend.list()
    with pytest.raises(RequestError, match="changed"):  # nor when only the judge has not heard
        backend.act(old, KillAction.REMOVE)
    assert ("default", "web") in api.pods


def test_kubernetes_own_namespaces_are_targets_only_when_named(api: ApiServer, tmp_path: Path) -> None:
    api.add("web")
    api.add("dns", "kube-system")
    with Bridge(tmp_path, KubernetesBackend(host=api.url)) as bridge, bridge.talk() as talk:
        assert [each["name"] for each in talk.ask(type="watch")["containers"]] == ["default/web"]
        eventually(lambda: any("watch" in each for each in api.requests))
        proxy = api.add("proxy", "kube-system")
        api.add("db")
        assert talk.read()["container"]["name"] == "default/db"
        assert talk.ask(type="kill", id=proxy)["code"] == "not-found"
    assert [each.name for each in KubernetesBackend(["kube-system"], host=api.url).list()] == ["dns", "proxy"]


def test_a_large_cluster_is_listed_page_by_page(api: ApiServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kubeapi, "PAGE", 3)
    for number in range(8):
        api.add(f"pod-{number}")
    assert len(KubernetesBackend(host=api.url).list()) == 8
    assert [("continue=" in each) for each in api.requests] == [False, True, True]


def test_a_list_that_expires_between_its_pages_starts_over(api: ApiServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kubeapi, "PAGE", 3)
    for number in range(8):
        api.add(f"pod-{number}")
    api.expire_tokens = 1
    assert len(KubernetesBackend(host=api.url).list()) == 8
    api.expire_tokens = 2
    with pytest.raises(RequestError) as caught:
        KubernetesBackend(host=api.url).list()
    assert caught.value.code is Code.ENGINE_DOWN


@pytest.mark.parametrize("name", ["web-0", "web-7f9c"], ids=["StatefulSet: the same name", "Deployment: a new name"])
def test_what_a_controller_puts_in_a_pod_s_place_is_another_monster(api: ApiServer, tmp_path: Path, name: str) -> None:
    old = api.add("web-0")

    def put_another(_: Pod) -> None:
        api.add(name)

    api.controller = put_another
    with Bridge(tmp_path, KubernetesBackend(["default"], host=api.url)) as bridge, bridge.talk() as talk:
        talk.ask(type="watch")
        eventually(lambda: any("watch" in each for each in api.requests))
        talk.send(type="kill", id=old)
        lines = [talk.read() for _ in range(3)]
        assert {line["type"] for line in lines} == {"removed", "added", "ok"}
        (new,) = [line["container"]["id"] for line in lines if line["type"] == "added"]
        assert new != old
        assert talk.ask(type="kill", id=old)["code"] == "not-found"
        assert bridge.names() == [name]
        assert len(api.deletions) == 1


def test_a_pod_has_its_time_to_end_and_is_no_target_meanwhile(api: ApiServer, tmp_path: Path) -> None:
    api.graceful = True
    uid = api.add("web")
    with Bridge(tmp_path, KubernetesBackend(["default"], host=api.url)) as bridge, bridge.talk() as talk:
        talk.send(type="kill", id=uid)
        assert talk.read()["type"] == "ok"
        assert bridge.names() == []
        assert ("default", "web") in api.pods
        api.remove("web")
    (options,) = api.deletions
    assert options["preconditions"]["uid"] == uid
    assert "gracePeriodSeconds" not in options


def test_the_action_kill_hurries(api: ApiServer) -> None:
    api.add("web")
    backend = KubernetesBackend(["default"], host=api.url)
    backend.act(backend.list()[0], KillAction.KILL)
    assert api.deletions[0]["gracePeriodSeconds"] == 1


def test_bookmarks_keep_a_quiet_watch_young(api: ApiServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kubeapi, "WATCH_SECONDS", 1)
    with Bridge(tmp_path, KubernetesBackend(["default"], host=api.url)) as bridge, bridge.talk() as talk:
        talk.ask(type="watch")
        api.add("web", "elsewhere")  # the version grows and nothing of ours has changed

        def watches() -> list[str]:
            return [each for each in api.requests if "watch=true" in each]

        eventually(lambda: len(watches()) >= 2, 2 + 4 * BOOKMARK_SECONDS)
        assert f"resourceVersion={api.version}" in watches()[1]
        assert f"resourceVersion={api.version}" not in watches()[0]


def test_changes_missed_by_an_expired_watch_are_fetched(api: ApiServer, tmp_path: Path) -> None:
    old = api.add("old")
    with Bridge(tmp_path, KubernetesBackend(["default"], host=api.url)) as bridge, bridge.talk() as talk:
        assert [each["id"] for each in talk.ask(type="watch")["containers"]] == [old]
        eventually(lambda: any("watch" in each for each in api.requests))
        with api.changed:  # all at once, so that the watch cannot tell
            api.remove("old")
            new = api.add("new")
            api.compact()
        seen = [talk.read(), talk.read()]
        assert {each.get("id") or each["container"]["id"] for each in seen} == {old, new}
        api.add("newer")
        assert talk.read()["container"]["name"] == "newer", "it watches again"


def test_the_roster_is_right_again_two_seconds_after_the_server_s_return(api: ApiServer, tmp_path: Path) -> None:
    api.add("lost")
    with Bridge(tmp_path, KubernetesBackend(["default"], host=api.url)) as bridge, bridge.talk() as talk:
        talk.ask(type="watch")
        eventually(lambda: any("watch" in each for each in api.requests))
        port = api.server.server_port
        api.stop()
        down = talk.read()
        assert (down["type"], down["state"]) == ("engine", "down")
        api.remove("lost")
        api.add("found")
        api.start(port)
        eventually(lambda: bridge.names() == ["found"], 2)


def test_its_own_pod_is_never_a_target(api: ApiServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    account = tmp_path / "account"
    account.mkdir()
    (account / "namespace").write_text("games\n")
    monkeypatch.setattr(kubeconfig, "ACCOUNT", account)
    monkeypatch.setattr("socket.gethostname", lambda: "pydoom-bridge-0")
    api.add("pydoom-bridge-0", "games")
    api.add("pydoom-bridge-0", "default")
    assert [each.name for each in KubernetesBackend(host=api.url).list()] == ["default/pydoom-bridge-0"]


def test_its_own_pod_is_known_by_the_environment_too(api: ApiServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POD_UID", api.add("bridge-on-the-node-s-network"))
    backend = KubernetesBackend(host=api.url)
    assert backend.own_id() == "uid-default-bridge-on-the-node-s-network-100"
    assert backend.list() == []


def test_errors_have_the_right_codes(api: ApiServer) -> None:
    backend = KubernetesBackend(["default"], host=api.url)
    api.forbidden = True
    with pytest.raises(RequestError) as caught:
        backend.list()
    assert caught.value.code is Code.DENIED
    api.stop()
    with pytest.raises(RequestError) as caught:
        backend.list()
    assert caught.value.code is Code.ENGINE_DOWN


@pytest.mark.parametrize(
    ("namespaces", "words"),
    [
        ((), "may not list pods in all namespaces .*choose a namespace that you may use, --namespace NAME"),
        (("shop",), "may not list pods in namespace shop .*or choose another with --namespace"),
    ],
)
def test_a_403_names_the_rights_and_the_namespace_to_use(api: ApiServer, namespaces: tuple[str], words: str) -> None:
    api.forbidden = True
    with pytest.raises(RequestError, match=words) as caught:
        KubernetesBackend(namespaces, host=api.url).list()
    assert "list, watch and delete on pods" in caught.value.remedy
    assert "docs/kubernetes-rbac.yaml" in caught.value.remedy


def test_a_deletion_that_is_forbidden_names_the_right(api: ApiServer) -> None:
    api.add("web")
    backend = KubernetesBackend(["default"], host=api.url)
    (pod,) = backend.list()
    api.forbidden = True
    with pytest.raises(RequestError, match="may not delete pods in namespace default") as caught:
        backend.act(pod, KillAction.REMOVE)
    assert caught.value.code is Code.DENIED


def test_a_namespace_that_does_not_exist_is_said(api: ApiServer, caplog: pytest.LogCaptureFixture) -> None:
    api.missing = {"shpo"}
    with pytest.raises(RequestError, match="there is no namespace shpo"):
        KubernetesBackend(["shpo"], host=api.url).list()
    api.add("web", "shop")
    backend = KubernetesBackend(["shpo", "shop", "empty"], host=api.url)
    for _ in range(2):
        assert [each.name for each in backend.list()] == ["shop/web"], "the others are there all the same"
    assert [each.getMessage()[:27] for each in caplog.records] == ["there is no namespace shpo:"], (
        "once, and only of it"
    )


def test_without_the_right_to_look_an_empty_namespace_is_taken_for_empty(api: ApiServer) -> None:
    api.missing, api.tells_namespaces = {"shpo"}, False
    assert KubernetesBackend(["shpo"], host=api.url).list() == []


def test_the_manifest_allows_nothing_but_listing_watching_and_deleting_pods() -> None:
    documents = list(yaml.safe_load_all((ROOT / "docs" / "kubernetes-rbac.yaml").read_text()))
    rules = [rule for each in documents if each["kind"] in ("Role", "ClusterRole") for rule in each["rules"]]
    assert rules == [
        {"apiGroups": [""], "resources": ["pods"], "verbs": ["list", "watch", "delete"]},
        {"apiGroups": [""], "resources": ["namespaces"], "verbs": ["get"]},
    ]


MIRROR = {"kubernetes.io/config.mirror": "0123456789abcdef"}


def test_mirror_pods_are_no_targets(api: ApiServer, tmp_path: Path) -> None:
    api.add("web", "edge")
    api.add_raw(pod("etcd-node-1", "edge", annotations=MIRROR))
    with Bridge(tmp_path, KubernetesBackend(["edge"], host=api.url)) as bridge, bridge.talk() as talk:
        assert [each["name"] for each in talk.ask(type="watch")["containers"]] == ["web"]
        eventually(lambda: any("watch" in each for each in api.requests))
        static = api.add_raw(pod("proxy-node-1", "edge", annotations=MIRROR))
        api.add("db", "edge")
        assert talk.read()["container"]["name"] == "db"
        assert talk.ask(type="kill", id=static)["code"] == "not-found"


CRASHING = {"name": "main", "restartCount": 7, "state": {"waiting": {"reason": "CrashLoopBackOff"}}}
RUNS_AGAIN = {"name": "main", "restartCount": 8, "state": {"running": {}}}


def test_a_pod_in_a_crash_loop_stays_a_monster_and_a_kill_removes_it(api: ApiServer, tmp_path: Path) -> None:
    uid = api.add("web")
    with Bridge(tmp_path, KubernetesBackend(["default"], host=api.url)) as bridge, bridge.talk() as talk:
        talk.ask(type="watch")
        eventually(lambda: any("watch" in each for each in api.requests))
        for status, restarts in ((CRASHING, 7), (RUNS_AGAIN, 8), (CRASHING, 7)):
            api.set_status("web", containerStatuses=[status])
            line = talk.read()
            assert (line["type"], line["container"]["restarts"], bridge.names()) == ("changed", restarts, ["web"])
        talk.send(type="kill", id=uid)
        assert {talk.read()["type"], talk.read()["type"]} == {"ok", "removed"}
        assert ("default", "web") not in api.pods


def test_a_pod_whose_first_container_is_in_a_crash_loop_is_a_monster_too(api: ApiServer) -> None:
    api.add("starting")
    api.set_status("starting", phase="Pending", initContainerStatuses=[{"name": "wait", "restartCount": 0}])
    api.add("failing")
    failing = {"name": "wait", "restartCount": 3, "state": {"terminated": {"exitCode": 1}}}
    api.set_status("failing", phase="Pending", initContainerStatuses=[failing])
    states = {each.name: each.state for each in KubernetesBackend(["default"], host=api.url).list()}
    assert (states["failing"] in LISTED_STATES, states["starting"] in LISTED_STATES) == (True, False)


DIGEST = "sha256:" + "5e" * 32


def pair(name: str, first: str, second: str, told: str = "", image_id: str = "") -> Pod:
    """A pod of two containers; of the second the node tells another image, and an ID."""
    made = pod(name)
    made["spec"]["containers"] = [{"name": "a", "image": first}, {"name": "b", "image": second}]
    made["status"]["containerStatuses"] = [{"name": "b", "image": told or second, "imageID": image_id}]
    return made


@pytest.mark.parametrize(
    "rule",
    [
        "image=postgres:*",
        "image=docker.io/library/postgres:16",
        f"image=postgres@{DIGEST}",
        f"image={DIGEST}",
        f"image={DIGEST[7:19]}",
        "image=quay.io/mirror/postgres*",
    ],
)
@pytest.mark.parametrize("kind", ["protect", "exclude"])
def test_a_rule_about_an_image_holds_for_every_container_of_a_pod_in_every_spelling(
    api: ApiServer, tmp_path: Path, rule: str, kind: str
) -> None:
    image_id = f"docker-pullable://quay.io/mirror/postgres@{DIGEST}"
    uid = api.add_raw(pair("web", "nginx:1.27", f"postgres:16@{DIGEST}", "sha256:" + "77" * 32, image_id))
    rules = (Selector.parse(rule),)
    policy = Policy(protect=rules) if kind == "protect" else Policy(exclude=rules)
    with Bridge(tmp_path, KubernetesBackend(["default"], host=api.url), policy) as bridge, bridge.talk() as talk:
        assert talk.ask(type="kill", id=uid)["code"] == ("protected" if kind == "protect" else "not-found")
        assert bridge.names() == (["web"] if kind == "protect" else [])
    assert api.deletions == []


def test_a_changed_image_does_not_lift_protection(api: ApiServer, tmp_path: Path) -> None:
    uid = api.add_raw(pair("web", "nginx:1.27", "postgres:16"))
    policy = Policy(protect=(Selector.parse("image=postgres:*"),))
    backend = KubernetesBackend(["default"], host=api.url)
    with Bridge(tmp_path, backend, policy) as bridge, bridge.talk() as talk:
        eventually(lambda: any("watch" in each for each in api.requests))
        api._note("MODIFIED", pair("web", "nginx:1.27", "busybox:1"))
        eventually(lambda: "busybox:1" in backend.look([uid])[0].images)
        assert talk.ask(type="kill", id=uid)["code"] == "protected"


def test_a_pod_with_a_container_that_no_include_rule_picks_is_spared(api: ApiServer, tmp_path: Path) -> None:
    mixed = api.add_raw(pair("mixed", "nginx:1.27", "postgres:16"))
    plain = api.add_raw(pair("plain", "nginx:1.27", "nginx:1.25"))
    policy = Policy(include=(Selector.parse("image=nginx:*"),))
    with Bridge(tmp_path, KubernetesBackend(["default"], host=api.url), policy) as bridge, bridge.talk() as talk:
        refused = talk.ask(type="kill", id=mixed)
        assert (refused["code"], "postgres:16" in refused["message"]) == ("protected", True)
        assert talk.ask(type="kill", id=plain)["type"] == "ok"


def test_policy_check_tells_which_pods_are_spared_for_another_container_s_sake(
    api: ApiServer, capsys: pytest.CaptureFixture[str]
) -> None:
    api.add_raw(pair("mixed", "nginx:1.27", "postgres:16"))
    api.add_raw(pair("plain", "nginx:1.27", "nginx:1.25"))
    flags = ["--backend", "kubernetes", "--engine-url", api.url, "--namespace", "default"]
    assert main(["policy", "check", *flags, "--include", "image=nginx:*"]) == 0
    fates = dict(line.split(maxsplit=1) for line in capsys.readouterr().out.splitlines())
    assert fates["mixed"].startswith("spared")
    assert "remove would hit mixed (postgres:16) as well" in fates["mixed"]
    assert fates["plain"].startswith("target")


@pytest.mark.parametrize("selector", ["", "role=driver"])
def test_a_pod_that_owns_a_protected_one_is_spared(api: ApiServer, tmp_path: Path, selector: str) -> None:
    driver = api.add("driver", role="driver")
    executor = pod(
        "executor", ownerReferences=[{"kind": "Pod", "name": "driver", "uid": driver}], labels={"tier": "db"}
    )
    helper = pod("helper", ownerReferences=[{"kind": "Pod", "name": "executor", "uid": executor["metadata"]["uid"]}])
    api.add_raw(executor)
    api.add_raw(helper)
    policy = Policy(protect=(Selector.parse("helper"),))
    backend = KubernetesBackend(["default"], selector, api.url)
    with Bridge(tmp_path, backend, policy) as bridge, bridge.talk() as talk:
        refused = talk.ask(type="kill", id=driver)
        assert (refused["code"], "helper" in refused["message"]) == ("protected", True)
        api.remove("helper")
        eventually(lambda: backend._cache.get(helper["metadata"]["uid"]) is None)
        assert talk.ask(type="kill", id=driver)["type"] == "ok"


def test_the_last_check_asks_the_server_and_not_the_watch(api: ApiServer, tmp_path: Path) -> None:
    uid = api.add("web")
    backend = KubernetesBackend(["default"], host=api.url)
    with Bridge(tmp_path, backend) as bridge, bridge.talk() as talk:
        eventually(lambda: any("watch" in each for each in api.requests))
        with api.changed:  # so that no watch can tell
            api.pods["default", "web"]["metadata"]["labels"] = {"pydoom.protect": "true"}
        assert talk.ask(type="kill", id=uid)["code"] == "protected"
        assert bridge.names() == ["web"]
    assert (api.deletions, any("fieldSelector=metadata.name" in each for each in api.requests)) == ([], True)


def test_a_pod_recreated_between_the_check_and_the_kill_is_spared(
    api: ApiServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    uid = api.add("web-0")
    backend = KubernetesBackend(["default"], host=api.url)
    act = backend.act

    def late(container: Container, action: KillAction) -> None:
        api.remove("web-0")
        api.add("web-0")
        act(container, action)

    monkeypatch.setattr(backend, "act", late)
    with Bridge(tmp_path, backend) as bridge, bridge.talk() as talk:
        assert talk.ask(type="kill", id=uid)["code"] == "conflict"
    assert ("default", "web-0") in api.pods


@pytest.mark.parametrize(
    ("owner", "labels", "service"),
    [
        ({"kind": "ReplicaSet", "name": "web-7f9c"}, {"pod-template-hash": "7f9c"}, "web"),
        ({"kind": "StatefulSet", "name": "db"}, {}, "db"),
        ({"kind": "Job", "name": "nightly-29"}, {}, "nightly-29"),
    ],
)
def test_a_rule_on_a_service_picks_the_workload(
    api: ApiServer, owner: dict[str, str], labels: dict[str, str], service: str
) -> None:
    api.add_raw(pod("one", ownerReferences=[{**owner, "uid": "u-1", "controller": True}], labels=labels))
    (found,) = KubernetesBackend(["default"], host=api.url).list()
    assert Selector.parse(f"service={service}").matches(found)
