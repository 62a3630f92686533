"""The Kubernetes backend: the official client against `tests.kubernetes_api`, which is no real cluster."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from hostbridge.model import Code, KillAction, RequestError
from hostbridge.policy.rules import Policy
from hostbridge.policy.selectors import Selector
from tests.bridges import Bridge, eventually
from tests.conftest import ROOT
from tests.kubernetes_api import BOOKMARK_SECONDS, ApiServer, Pod

pytest.importorskip("kubernetes")

from hostbridge.backends import kubernetes
from hostbridge.backends.kubernetes import KubernetesBackend


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
        assert all("/namespaces/shop/" in each or "/namespaces/blog/" in each for each in api.requests)


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


def test_a_pod_made_again_under_its_name_is_not_deleted(api: ApiServer) -> None:
    api.add("web")
    backend = KubernetesBackend(["default"], host=api.url)
    (old,) = backend.list()
    api.remove("web")
    api.add("web")
    with pytest.raises(RequestError) as caught:
        backend.act(old, KillAction.REMOVE)
    assert caught.value.code is Code.CONFLICT
    assert ("default", "web") in api.pods


def test_a_pod_whose_labels_changed_unheard_is_not_deleted(api: ApiServer) -> None:
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


def test_kubernetes_own_namespaces_are_no_targets_unless_named(api: ApiServer, tmp_path: Path) -> None:
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
    monkeypatch.setattr(kubernetes, "PAGE", 3)
    for number in range(8):
        api.add(f"pod-{number}")
    assert len(KubernetesBackend(host=api.url).list()) == 8
    assert [("continue=" in each) for each in api.requests] == [False, True, True]


def test_a_list_that_expires_between_its_pages_is_begun_anew(api: ApiServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kubernetes, "PAGE", 3)
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
    monkeypatch.setattr(kubernetes, "WATCH_SECONDS", 1)
    with Bridge(tmp_path, KubernetesBackend(["default"], host=api.url)) as bridge, bridge.talk() as talk:
        talk.ask(type="watch")
        api.add("web", "elsewhere")  # the version grows and nothing of ours has changed

        def watches() -> list[str]:
            return [each for each in api.requests if "watch=true" in each]

        eventually(lambda: len(watches()) == 2, 2 + 4 * BOOKMARK_SECONDS)
        assert f"resourceVersion={api.version}" in watches()[1]
        assert f"resourceVersion={api.version}" not in watches()[0]


def test_what_was_missed_while_the_server_forgot_is_asked_for(api: ApiServer, tmp_path: Path) -> None:
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
    monkeypatch.setattr(kubernetes, "ACCOUNT", account)
    monkeypatch.setattr("socket.gethostname", lambda: "pydoom-bridge-0")
    api.add("pydoom-bridge-0", "games")
    api.add("pydoom-bridge-0", "default")
    assert [each.name for each in KubernetesBackend(host=api.url).list()] == ["default/pydoom-bridge-0"]


def test_its_own_pod_is_known_by_the_environment_too(api: ApiServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POD_UID", api.add("bridge-on-the-node-s-network"))
    backend = KubernetesBackend(host=api.url)
    assert backend.own_id() == "uid-default-bridge-on-the-node-s-network-100"
    assert backend.list() == ()


def test_errors_have_their_meaning(api: ApiServer) -> None:
    backend = KubernetesBackend(["default"], host=api.url)
    api.forbidden = True
    with pytest.raises(RequestError) as caught:
        backend.list()
    assert caught.value.code is Code.DENIED
    api.stop()
    with pytest.raises(RequestError) as caught:
        backend.list()
    assert caught.value.code is Code.ENGINE_DOWN


def test_the_manifest_allows_nothing_but_listing_watching_and_deleting_pods() -> None:
    documents = list(yaml.safe_load_all((ROOT / "docs" / "kubernetes-rbac.yaml").read_text()))
    rules = [rule for each in documents if each["kind"] in ("Role", "ClusterRole") for rule in each["rules"]]
    assert rules == [{"apiGroups": [""], "resources": ["pods"], "verbs": ["list", "watch", "delete"]}]
