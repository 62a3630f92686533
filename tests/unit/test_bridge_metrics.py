"""The metrics page for Prometheus, read with Prometheus's own parser."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from pathlib import Path
from types import TracebackType

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hostbridge.backends.base import Backend
from hostbridge.backends.simulated import SimulatedBackend
from hostbridge.cli.serve import status_of
from hostbridge.fault import Fault
from hostbridge.host.sockets import ListeningSocket
from hostbridge.model import KillAction, SetupError
from hostbridge.policy.rules import Policy
from hostbridge.policy.selectors import Selector
from tests.bridges import Bridge, eventually, read_all

pytest.importorskip("prometheus_client")

from prometheus_client import parser

from hostbridge.metrics import pages
from hostbridge.metrics.address import address_of
from hostbridge.metrics.exporter import Exporter
from hostbridge.metrics.measures import BridgeStatus
from hostbridge.metrics.pages import MAX_CONNECTIONS, PageServer
from hostbridge.metrics.prometheus import Metrics, MetricsServer, _Gauges


class Measured(Bridge):
    """A bridge with a metrics page on its own port."""

    def __init__(self, folder: Path, backend: Backend, policy: Policy | None = None) -> None:
        self.metrics = Metrics()
        super().__init__(folder, backend, policy, measures=self.metrics)

    def __enter__(self) -> Measured:
        super().__enter__()
        self.metrics_server = MetricsServer(self.metrics, ("127.0.0.1", 0))
        starting = self.metrics_server.start(lambda: status_of(self.services, self.server))
        self.port = asyncio.run_coroutine_threadsafe(starting, self._loop).result(5)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        self._loop.call_soon_threadsafe(self.metrics_server.close)
        super().__exit__(kind, error, _)

    def fetch(self, request: bytes = b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n") -> str:
        with socket.create_connection(("127.0.0.1", self.port), 10) as client:
            client.sendall(request)
            return read_all(client).decode()


def numbers(bridge: Measured) -> dict[tuple[str, frozenset[tuple[str, str]]], float]:
    """Every sample by its name and labels."""
    families = parser.text_string_to_metric_families(bridge.fetch().partition("\r\n\r\n")[2])
    return {(each.name, frozenset(each.labels.items())): each.value for family in families for each in family.samples}


def sample(bridge: Measured, name: str, **labels: str) -> float | None:
    return numbers(bridge).get((f"pydoom_{name}", frozenset(labels.items())))


def test_the_roster_s_size(tmp_path: Path) -> None:
    backend = SimulatedBackend(5, churn=0)
    backend.create("safe")
    with Measured(tmp_path, backend, Policy(protect=(Selector.parse("safe"),))) as bridge:
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
    with Measured(tmp_path, backend, Policy(protect=(Selector.parse("safe"),))) as bridge, bridge.talk() as talk:
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
    with Measured(tmp_path, SimulatedBackend(3, churn=0)) as bridge:
        for _ in range(4):
            bridge.names()
        assert sample(bridge, "request_seconds_count", request="textlist") == 4
        assert sample(bridge, "request_seconds_bucket", request="textlist", le="10.0") == 4
        assert 0 < (sample(bridge, "request_seconds_sum", request="textlist") or 0) < 1


def test_an_engine_that_is_down(tmp_path: Path) -> None:
    with Measured(tmp_path, SimulatedBackend(1, churn=0)) as bridge:
        bridge.roster.engine = "down"
        assert sample(bridge, "engine_up") == 0


@pytest.mark.parametrize(
    ("text", "address"),
    [("9100", ("127.0.0.1", 9100)), ("0.0.0.0:9100", ("0.0.0.0", 9100)), ("[::1]:80", ("::1", 80))],
)
def test_it_stays_on_this_machine_unless_told_otherwise(text: str, address: tuple[str, int]) -> None:
    assert address_of(text) == address


@pytest.mark.parametrize("text", ["", "x", "1:x", "127.0.0.1", "99999", ":-1", ":²"])
def test_invalid_values_are_refused(text: str) -> None:
    with pytest.raises(SetupError):
        address_of(text)


def test_a_dry_run_counts_as_done(tmp_path: Path) -> None:
    backend = SimulatedBackend(1, churn=0)
    with (
        Measured(tmp_path, backend, Policy(dry_run=True, fault=Fault.of(KillAction.STOP))) as bridge,
        bridge.talk() as talk,
    ):
        (only,) = talk.ask(type="list")["containers"]
        assert talk.ask(type="kill", id=only["id"])["dry_run"] is True
        assert sample(bridge, "kills_total", result="ok") == 1


def test_names_of_containers_stay_out_of_it(tmp_path: Path) -> None:
    backend = SimulatedBackend(3, churn=0)
    with Measured(tmp_path, backend) as bridge, bridge.talk() as talk:
        for each in backend.list():
            talk.ask(type="kill", id=each.id, weapon="a weapon of their own")
        talk.ask(type="a request of their own")
        page = bridge.fetch()
        assert not any(each.name in page or each.id in page for each in backend.list())
        assert "of their own" not in page


def test_idle_connections_cost_little_and_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "REQUEST_SECONDS", 0.5)
    with Measured(tmp_path, SimulatedBackend(1, churn=0)) as bridge:
        idle = [socket.create_connection(("127.0.0.1", bridge.port), 10) for _ in range(3 * MAX_CONNECTIONS)]
        assert len(bridge.names()) == 1
        for each in idle:
            with contextlib.suppress(ConnectionResetError):
                assert each.recv(1) == b""
            each.close()
        assert sample(bridge, "engine_up") == 1


@given(st.binary(max_size=200))
@settings(max_examples=50, deadline=None)
def test_no_request_upsets_the_page(head: bytes) -> None:
    found = pages.refusal(head)
    assert found is None or found.startswith(b"HTTP/1.1 40")


def test_client_that_does_not_read_is_cut_off_and_counts_until_then(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "REQUEST_SECONDS", 0.5)
    transports: list[asyncio.WriteTransport] = []

    async def check() -> None:
        async def page() -> bytes:
            return bytes(32 << 20)

        served = PageServer(page)

        async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            transports.append(writer.transport)
            await served.answer(reader, writer)

        server = await asyncio.start_server(answer, "127.0.0.1", 0)
        with socket.create_connection(server.sockets[0].getsockname()) as client:
            client.sendall(b"GET / HTTP/1.1\r\n\r\n")
            while not transports or not served.clients:
                await asyncio.sleep(0.01)
            async with asyncio.timeout(20):
                while served.clients:
                    await asyncio.sleep(0.01)
            assert transports[0].get_write_buffer_size() == 0
            assert transports[0].get_extra_info("socket").fileno() == -1
        server.close()

    asyncio.run(check())


def test_exporter_serves_the_bridge_s_page_and_says_when_it_is_gone(tmp_path: Path) -> None:
    async def check() -> None:
        metrics = MetricsServer(Metrics(), ListeningSocket(tmp_path / "metrics"))
        await metrics.start(lambda: BridgeStatus(3, 1, True, 0))
        server = await Exporter(tmp_path / "metrics").start("127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]

        async def ask(line: bytes) -> bytes:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(line + b"\r\n\r\n")
            said = await asyncio.wait_for(reader.read(), 20)
            writer.close()
            return said

        assert b"pydoom_engine_up 1.0" in await ask(b"GET /metrics HTTP/1.1")
        assert (await ask(b"GET /other HTTP/1.1")).startswith(b"HTTP/1.1 404")
        assert (await ask(b"POST /metrics HTTP/1.1")).startswith(b"HTTP/1.1 405")
        metrics.close()
        assert (await ask(b"GET / HTTP/1.1")).startswith(b"HTTP/1.1 503")
        server.close()

    asyncio.run(check())


def test_probes_and_hooks_have_series() -> None:
    metrics = Metrics()
    metrics.probe("shop", True, 0.02)
    metrics.probe("shop", False, 2.0)
    metrics.hook("ops", "dropped", 3)
    status = BridgeStatus(1, 0, True, 0, {"shop": False, "web": True}, False, 5)
    metrics.registry.register(_Gauges(lambda: status))
    found = {
        (each.name, *each.labels.values()): each.value
        for family in parser.text_string_to_metric_families(metrics.page().decode())
        for each in family.samples
    }
    assert (found["pydoom_probes_total", "shop", "ok"], found["pydoom_probes_total", "shop", "failed"]) == (1, 1)
    assert (found["pydoom_probe_seconds_count", "shop"], found["pydoom_hooks_total", "ops", "dropped"]) == (2, 3)
    assert (found["pydoom_probe_up", "shop"], found["pydoom_probe_up", "web"]) == (0, 1)
    assert (found[("pydoom_helper_connected",)], found[("pydoom_hooks_waiting",)]) == (0, 5)
