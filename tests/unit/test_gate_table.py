"""What the gate lets through, and for whom: one table, by the policy's actions."""

from __future__ import annotations

import json
from urllib.parse import quote

import pytest

from hostbridge.fault import Fault
from hostbridge.gate.errors import GateError
from hostbridge.gate.table import TABLE, Table, body_for, needs
from hostbridge.model import KillAction
from hostbridge.policy.rules import Policy

ID = "ab" * 32
IMAGE = "sha256:" + "cd" * 32
LISTING = [
    "GET /_ping",
    "GET /version",
    "GET /v1.41/containers/json",
    "GET /v1.41/events",
    f"GET /v1.41/containers/{ID}/json",
    f"GET /v1.41/images/{IMAGE}/json",
]
UPDATE = f"POST /v1.41/containers/{ID}/update"
DEEDS = {
    KillAction.REMOVE: {f"DELETE /v1.41/containers/{ID}?force=1"},
    KillAction.STOP: {f"POST /v1.41/containers/{ID}/stop?t=5"},
    KillAction.KILL: {f"POST /v1.41/containers/{ID}/kill", f"POST /v1.41/containers/{ID}/kill?signal=SIGTERM"},
    KillAction.RESTART: {f"POST /v1.41/containers/{ID}/restart?t=5"},
    KillAction.PAUSE: {f"POST /v1.41/containers/{ID}/pause", f"POST /v1.41/containers/{ID}/unpause"},
    KillAction.DISCONNECT: {f"POST /v1.41/networks/{ID}/disconnect", f"POST /v1.41/networks/{ID}/connect"},
    KillAction.THROTTLE: {UPDATE},
    KillAction.SQUEEZE: {UPDATE},
}
STATS = f"GET /v1.41/containers/{ID}/stats?stream=0&one-shot=1"
SWARM = ["GET /v1.41/info", "GET /v1.41/nodes", "GET /v1.41/services", "GET /v1.41/tasks", "GET /v1.41/tasks/a1"]
SERVICE = "POST /v1.41/services/a1/update?version=7"
EVERYTHING = {*LISTING, *(line for lines in DEEDS.values() for line in lines), STATS, *SWARM, SERVICE}


UNASKED = Policy(inspect=False)
"""A policy that lets clients ask nothing about single containers."""


def only(action: KillAction) -> Policy:
    """A policy that does this and lets clients ask nothing."""
    return Policy(inspect=False, fault=Fault.of(action))


def passes(table: Table, line: str) -> bool:
    try:
        table.passage(*line.split(" ", 1))
    except GateError as error:
        assert error.status == 403
        return False
    return True


def open_for(policy: Policy, backend: str = "docker", details: bool = False) -> set[str]:
    table = Table(needs(policy, backend, details))
    return {line for line in EVERYTHING if passes(table, line)}


@pytest.mark.parametrize("action", list(KillAction))
def test_a_policy_opens_its_own_action_and_no_other(action: KillAction) -> None:
    assert open_for(only(action)) == {*LISTING, *DEEDS[action]}


def test_weapons_wounds_and_details_open_what_they_need() -> None:
    policy = Policy(
        inspect=False, fault=Fault.of(KillAction.STOP), weapons={"fist": Fault.of(KillAction.PAUSE)}, wound=True
    )
    assert open_for(policy) == {*LISTING, *DEEDS[KillAction.STOP], *DEEDS[KillAction.PAUSE], UPDATE}
    assert open_for(UNASKED, details=True) == {*LISTING, *DEEDS[KillAction.REMOVE], STATS}


def test_a_dry_run_opens_nothing_that_changes_anything() -> None:
    policy = Policy(
        inspect=False,
        fault=Fault.of(KillAction.REMOVE),
        weapons={"fist": Fault.of(KillAction.KILL)},
        wound=True,
        dry_run=True,
    )
    assert open_for(policy) == set(LISTING)
    assert open_for(policy, "swarm") == {*LISTING, *SWARM}


def test_swarm_endpoints_are_open_only_for_a_swarm() -> None:
    assert open_for(only(KillAction.KILL), "swarm") == {
        *LISTING,
        *SWARM,
        *DEEDS[KillAction.KILL],
    }
    # a replica is taken away from where it runs
    assert open_for(only(KillAction.STOP), "swarm") == {
        *LISTING,
        *SWARM,
        *DEEDS[KillAction.REMOVE],
        SERVICE,
    }
    assert open_for(only(KillAction.RESTART), "swarm") == {*LISTING, *SWARM, SERVICE}


def test_what_clients_may_ask_is_open_as_the_policy_says() -> None:
    logs = f"GET /v1.41/containers/{ID}/logs?stdout=1&stderr=1&tail=20"
    for policy, backend, opened in (
        (Policy(), "docker", {STATS}),
        (Policy(logs=True), "docker", {STATS, logs}),
        (UNASKED, "docker", set()),
        (Policy(logs=True), "swarm", set()),
    ):
        table = Table(needs(policy, backend))
        assert {line for line in (STATS, logs) if passes(table, line)} == opened


def test_every_action_has_a_row() -> None:
    assert set(map(str, KillAction)) <= set(TABLE)


def test_a_refusal_says_which_flag_is_missing() -> None:
    with pytest.raises(GateError, match=r"DELETE /v1.41/containers/\w+ through: it was started without remove"):
        Table(needs(only(KillAction.STOP))).passage("DELETE", f"/v1.41/containers/{ID}")


OTHER_ENDPOINTS = [
    "POST /containers/create",
    "POST /v1.41/containers/create?name=x",
    f"POST /containers/{ID}/start",
    f"POST /containers/{ID}/exec",
    f"POST /exec/{ID}/start",
    f"POST /containers/{ID}/attach?stream=1",
    f"GET /containers/{ID}/attach/ws",
    f"POST /containers/{ID}/rename?name=x",
    f"POST /containers/{ID}/wait",
    f"GET /containers/{ID}/archive?path=/",
    f"PUT /containers/{ID}/archive?path=/",
    f"GET /containers/{ID}/export",
    f"GET /containers/{ID}/logs?follow=1",
    f"GET /containers/{ID}/top",
    f"GET /containers/{ID}/changes",
    "POST /containers/prune",
    "POST /images/create?fromImage=busybox",
    "POST /images/load",
    "POST /build",
    "POST /commit",
    "GET /images/json",
    f"DELETE /images/{IMAGE}",
    "GET /images/busybox/json",
    "GET /volumes",
    "POST /volumes/create",
    "GET /networks",
    "POST /networks/create",
    "POST /swarm/init",
    "POST /services/create",
    "DELETE /services/a1",
    "GET /secrets",
    "GET /configs",
    "POST /plugins/pull",
    "POST /session",
    "POST /grpc",
    "GET /system/df",
    "POST /auth",
    "HEAD /_ping",
    "OPTIONS /version",
    "CONNECT /version",
    "GET /",
]


@pytest.mark.parametrize("line", OTHER_ENDPOINTS)
def test_the_rest_of_the_engine_s_api_is_closed_even_with_all_rows(line: str) -> None:
    assert not passes(Table(TABLE), line)


OTHER_SPELLINGS = [
    f"DELETE /containers/{ID.upper()}",
    f"DELETE /containers/{ID[:12]}",
    f"DELETE /containers/{ID}0",
    "DELETE /containers/web",
    f"DELETE /containers/{ID}/",
    f"DELETE //containers/{ID}",
    f"DELETE /containers//{ID}",
    f"DELETE /./containers/{ID}",
    f"DELETE /v1.41/../containers/{ID}",
    f"DELETE /containers/x/../{ID}",
    f"DELETE /containers%2f{ID}",
    f"DELETE /%63ontainers/{ID}",
    f"DELETE /containers/{ID}%00",
    f"DELETE /containers/{ID}%2fjson",
    f"DELETE /containers/{ID};x",
    f"DELETE /containers/{ID}#x",
    f"DELETE http://docker/containers/{ID}",
    f"DELETE unix://containers/{ID}",
    f"DELETE docker/containers/{ID}",
    f"DELETE containers/{ID}",
    "DELETE *",
    f"delete /containers/{ID}",
    f"DELETE /v1/containers/{ID}",
    f"DELETE /v1.4141/containers/{ID}",
    f"DELETE /v1.41/v1.41/containers/{ID}",
    f"DELETE /V1.41/containers/{ID}",
    f"DELETE /containers/{ID}\n",
    "GET /containers/\u0661\u0662/json",
    f"GET /images/{IMAGE.upper()}/json",
    f"GET /images/{IMAGE}@x/json",
    "GET /tasks/../info",
]


@pytest.mark.parametrize("line", OTHER_SPELLINGS)
def test_a_path_has_one_spelling(line: str) -> None:
    assert not passes(Table(TABLE), line)


def listing(**wanted: object) -> str:
    return f"GET /containers/json?filters={quote(json.dumps(wanted))}"


QUERIES = [
    (f"DELETE /containers/{ID}?force=1", True),
    (f"DELETE /containers/{ID}", True),
    (f"DELETE /containers/{ID}?force=1&v=1", False),
    (f"DELETE /containers/{ID}?link=1", False),
    (f"DELETE /containers/{ID}?force=1&force=1", False),
    (f"DELETE /containers/{ID}?force=true", False),
    (f"DELETE /containers/{ID}?force=1&", False),
    (f"DELETE /containers/{ID}?", True),
    (f"DELETE /containers/{ID}?%66orce=1", True),
    (f"POST /containers/{ID}/stop?t=5", True),
    (f"POST /containers/{ID}/stop?t=-1", False),
    (f"POST /containers/{ID}/stop?t=5%0a", False),
    (f"POST /containers/{ID}/stop?signal=KILL", False),
    (f"POST /containers/{ID}/kill?signal=HUP", False),
    (f"GET /containers/{ID}/json?size=1", False),
    (f"GET /containers/{ID}/stats?stream=1", False),
    ("GET /containers/json?all=1", True),
    ("GET /containers/json?size=1", False),
    ("GET /containers/json?filters=[]", False),
    ("GET /containers/json?filters=" + "[" * 50_000, False),
    ("GET /containers/json?filters=" + "9" * 5_000, False),
    (listing(id=[ID]), True),
    (listing(id=["web"]), False),
    (listing(id=ID), False),
    (listing(id=[7]), False),
    (listing(id=[ID], label=["x"]), False),
    (listing(id=[ID] * 251), False),
    ("GET /events?filters=" + quote('{"type":["container"]}'), True),
    ("GET /events?filters=" + quote('{"type":["image"]}'), False),
    ("GET /events?since=0", False),
    ("GET /version?x", False),
]


@pytest.mark.parametrize(("line", "good"), QUERIES, ids=lambda each: str(each)[:60])
def test_only_known_keys_and_values_of_a_query_get_through(line: str, good: bool) -> None:
    assert passes(Table(TABLE), line) is good


def test_what_is_passed_on_is_rewritten() -> None:
    passage = Table(TABLE).passage("DELETE", f"/v1.41/containers/{ID}?%66orce=%31")
    assert passage.target == f"/v1.41/containers/{ID}?force=1"


BODIES = [
    (b'{"CpuShares": 128}', b'{"CpuShares": 128}'),
    (b' {"CpuShares":128}\n', b'{"CpuShares": 128}'),
    (b'{"CpuShares":9,"CpuShares":128}', b'{"CpuShares": 128}'),
    (b'{"CpuShares":128,"Memory":6000000}', None),
    (b'{"CpuShares":128,"RestartPolicy":{"Name":"always"}}', None),
    (b'{"cpushares":128}', None),
    (b'{"CpuShares":"128"}', None),
    (b'{"CpuShares":128.0}', None),
    (b'{"CpuShares":true}', None),
    (b'{"CpuShares":0}', None),
    (b'{"CpuShares":262144}', None),
    (b"{}", None),
    (b"[]", None),
    (b"", None),
    (b"\xff", None),
    (b"[" * 1000, None),
]


@pytest.mark.parametrize(("body", "sent"), BODIES)
def test_a_body_has_exactly_the_known_fields(body: bytes, sent: bytes | None) -> None:
    passage = Table(TABLE).passage("POST", f"/containers/{ID}/update")
    if sent is None:
        with pytest.raises(GateError):
            body_for(passage, body)
    else:
        assert body_for(passage, body) == sent


CONNECTIONS = [
    ({}, True),
    ({"Aliases": ["web"], "Links": ["a:b"]}, True),
    ({"IPAMConfig": {"IPv4Address": "172.20.0.5", "LinkLocalIPs": ["169.254.1.1"]}}, True),
    ({"DriverOpts": {"com.docker.network.endpoint.sysctls": "x"}}, True),
    ({"Aliases": [f"a-name-of-the-container-{number}" for number in range(200)]}, True),
    ({"Aliases": "web"}, False),
    ({"Aliases": [7]}, False),
    ({"IPAMConfig": {"IPv4Address": 7}}, False),
    ({"IPAMConfig": {"Driver": "x"}}, False),
    ({"DriverOpts": {"x": {}}}, False),
    ({"MacAddress": "02:42:ac:11:00:02"}, False),
    ({"GwPriority": 1}, False),
    ([], False),
    (None, False),
]


@pytest.mark.parametrize(("connection", "good"), CONNECTIONS, ids=lambda each: str(each)[:40])
def test_a_container_is_connected_to_a_network_with_what_undoing_needs(connection: object, good: bool) -> None:
    passage = Table(TABLE).passage("POST", f"/networks/{ID}/connect")
    body = json.dumps({"Container": ID, "EndpointConfig": connection}).encode()
    assert len(body) <= passage.route.max_body
    if good:
        assert json.loads(body_for(passage, body) or b"") == json.loads(body)
    else:
        with pytest.raises(GateError):
            body_for(passage, body)
