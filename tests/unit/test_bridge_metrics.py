"""The page of numbers for Prometheus, read with Prometheus's own parser."""

from __future__ import annotations

from pathlib import Path

import pytest

from hostbridge import metrics
from hostbridge.backends.simulated import SimulatedBackend
from hostbridge.histogram import BOUNDS, Histogram
from hostbridge.model import Action, SetupError
from hostbridge.policy import Policy, Selector
from tests.bridges import Bridge, eventually

parser = pytest.importorskip("prometheus_client.parser")


def numbers(bridge: Bridge) -> dict[tuple[str, frozenset[tuple[str, str]]], float]:
    """Every sample by its name and labels."""
    families = parser.text_string_to_metric_families(metrics.render(bridge.server))
    return {(each.name, frozenset(each.labels.items())): each.value for family in families for each in family.samples}


def sample(bridge: Bridge, name: str, **labels: str) -> float | None:
    return numbers(bridge).get((f"pydoom_{name}", frozenset(labels.items())))


def test_the_roster_s_size(tmp_path: Path) -> None:
    backend = SimulatedBackend(5, churn=0)
    backend.create("safe")
    with Bridge(tmp_path, backend, Policy(protect=(Selector.parse("safe"),))) as bridge:
        assert sample(bridge, "containers", protected="false") == 5
        assert sample(bridge, "containers", protected="true") == 1
        assert sample(bridge, "engine_up") == 1
        with bridge.talk() as talk:
            talk.ask(type="ping")
            assert sample(bridge, "connections") == 1
        backend.create("another")
        eventually(lambda: sample(bridge, "containers", protected="false") == 6)


def test_kills_by_result(tmp_path: Path) -> None:
    backend = SimulatedBackend(3, churn=0)
    safe = backend.create("safe")
    with Bridge(tmp_path, backend, Policy(protect=(Selector.parse("safe"),))) as bridge, bridge.talk() as talk:
        for each in talk.ask(type="list")["containers"]:
            talk.ask(type="kill", id=each["id"])
        talk.ask(type="kill", id="nobody")
        assert safe.id not in backend.killed
        assert sample(bridge, "kills_total", result="ok") == 3
        assert sample(bridge, "kills_total", result="protected") == 1
        assert sample(bridge, "kills_total", result="not-found") == 1
        assert sample(bridge, "kill_seconds_count") == 3
        assert sample(bridge, "kill_seconds_bucket", le="+Inf") == 3


def test_the_time_requests_take(tmp_path: Path) -> None:
    with Bridge(tmp_path, SimulatedBackend(3, churn=0)) as bridge:
        for _ in range(4):
            bridge.names()
        assert sample(bridge, "request_seconds_count", request="textlist") == 4
        assert sample(bridge, "request_seconds_bucket", request="textlist", le="10.0") == 4
        assert 0 < (sample(bridge, "request_seconds_sum", request="textlist") or 0) < 1


def test_an_engine_that_is_away(tmp_path: Path) -> None:
    with Bridge(tmp_path, SimulatedBackend(1, churn=0)) as bridge:
        bridge.roster.engine = "down"
        assert sample(bridge, "engine_up") == 0


def test_a_histogram_counts_each_duration_in_all_wider_buckets() -> None:
    histogram = Histogram()
    for seconds in (0.0, 0.001, 0.0011, 99.0):
        histogram.observe(seconds)
    found = dict(line.rsplit(" ", 1) for line in histogram.lines("x", 'a="b"'))
    assert found['x_bucket{a="b",le="0.0005"}'] == "1"
    assert found['x_bucket{a="b",le="0.001"}'] == "2", "a bound belongs to its bucket"
    assert found['x_bucket{a="b",le="0.0025"}'] == "3"
    assert found[f'x_bucket{{a="b",le="{BOUNDS[-1]}"}}'] == "3"
    assert found['x_bucket{a="b",le="+Inf"}'] == found['x_count{a="b"}'] == "4"
    assert found['x_sum{a="b"}'] == "99.002100"


@pytest.mark.parametrize(
    ("text", "address"),
    [("9100", ("127.0.0.1", 9100)), ("0.0.0.0:9100", ("0.0.0.0", 9100)), ("[::1]:80", ("::1", 80))],
)
def test_it_stays_on_this_machine_unless_told_otherwise(text: str, address: tuple[str, int]) -> None:
    assert metrics.address_of(text) == address


@pytest.mark.parametrize("text", ["", "x", "1:x", "127.0.0.1", "99999", ":-1"])
def test_nonsense_is_refused(text: str) -> None:
    with pytest.raises(SetupError):
        metrics.address_of(text)


def test_a_dry_run_counts_as_done(tmp_path: Path) -> None:
    backend = SimulatedBackend(1, churn=0)
    with Bridge(tmp_path, backend, Policy(dry_run=True, action=Action.STOP)) as bridge, bridge.talk() as talk:
        (only,) = talk.ask(type="list")["containers"]
        assert talk.ask(type="kill", id=only["id"])["dry_run"] is True
        assert sample(bridge, "kills_total", result="ok") == 1
