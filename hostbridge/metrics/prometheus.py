"""``--metrics``: a page of figures for Prometheus over HTTP, on the loopback interface unless told otherwise.

Figures only, no names of containers (probes and hooks have theirs from the policy), since anyone who can reach the port
may read it. The figures and the page's format come from prometheus-client. The server does not: its own keeps a thread
per connection for as long as a client likes, and the port may be open to attackers.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from typing import Final

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Histogram,
    disable_created_metrics,
    generate_latest,
)
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from hostbridge.host.sockets import ListeningSocket
from hostbridge.metrics.measures import BridgeStatus, Measures
from hostbridge.metrics.pages import MAX_HEAD, PageServer, response
from hostbridge.model import SetupError

BOUNDS: Final = (0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""Upper bounds of the buckets in seconds: a `list` takes less than 0.005, an engine far longer."""

PROBE_BOUNDS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0)
RECOVERY_BOUNDS: Final = (0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 30.0, 60.0, 120.0, 300.0, 600.0)


class Metrics(Measures):
    """Counts and times what happens."""

    def __init__(self) -> None:
        disable_created_metrics()  # type: ignore[no-untyped-call]  # a time stamp beside every number
        self.registry = CollectorRegistry()
        self._kills = Counter("pydoom_kills", "Kills asked for, by result.", ["result"], registry=self.registry)
        self._kill_seconds = Histogram(
            "pydoom_kill_seconds",
            "Time from request to result of kills that were done.",
            buckets=BOUNDS,
            registry=self.registry,
        )
        self._recovery_seconds = Histogram(
            "pydoom_recovery_seconds",
            "Time from a kill until its service had recovered.",
            buckets=RECOVERY_BOUNDS,
            registry=self.registry,
        )
        self._lost = Counter("pydoom_not_recovered", "Kills whose service did not recover in time.",
                             registry=self.registry)  # fmt: skip
        self._request_seconds = Histogram(
            "pydoom_request_seconds",
            "Time to answer requests; of a kill, to begin it.",
            ["request"],
            buckets=BOUNDS,
            registry=self.registry,
        )

        self._probes = Counter("pydoom_probes", "Answers of probes, by result.", ["probe", "result"],
                               registry=self.registry)  # fmt: skip
        self._probe_seconds = Histogram(
            "pydoom_probe_seconds",
            "Time to a probe's answer, or until it gave up.",
            ["probe"],
            buckets=PROBE_BOUNDS,
            registry=self.registry,
        )
        self._hooks = Counter("pydoom_hooks", "Messages for hooks, by result.", ["hook", "result"],
                              registry=self.registry)  # fmt: skip

    def probe(self, name: str, ok: bool, seconds: float) -> None:
        """Count and time a probe's answer."""
        self._probes.labels(name, "ok" if ok else "failed").inc()
        self._probe_seconds.labels(name).observe(seconds)

    def hook(self, name: str, result: str, count: int = 1) -> None:
        """Count messages for a hook."""
        self._hooks.labels(name, result).inc(count)

    def recovery(self, seconds: float | None) -> None:
        """Time a recovery, or count one that did not come."""
        if seconds is None:
            self._lost.inc()
        else:
            self._recovery_seconds.observe(seconds)

    def request(self, kind: str, seconds: float) -> None:
        """Time a request."""
        self._request_seconds.labels(kind).observe(seconds)

    def kill(self, result: str, seconds: float) -> None:
        """Count a kill, and time it when it was done."""
        self._kills.labels(result).inc()
        if result == "ok":
            self._kill_seconds.observe(seconds)

    def page(self) -> bytes:
        """The page in Prometheus's text format."""
        return generate_latest(self.registry)


class _Gauges(Collector):
    """The gauges, read in the event loop like everything that touches the roster."""

    def __init__(self, status: Callable[[], BridgeStatus]) -> None:
        self._status = status

    def collect(self) -> Iterator[Metric]:
        """The gauges."""
        status = self._status()
        containers = GaugeMetricFamily("pydoom_containers", "Containers in the roster.", labels=["protected"])
        containers.add_metric(["false"], status.targets)
        containers.add_metric(["true"], status.protected)
        yield containers
        yield GaugeMetricFamily(
            "pydoom_engine_up", "Whether the container engine answers.", value=int(status.engine_up)
        )
        yield GaugeMetricFamily("pydoom_connections", "Open connections.", value=status.connections)
        probes = GaugeMetricFamily("pydoom_probe_up", "Whether a probe gets the answer it expects.", labels=["probe"])
        for name, up in status.probes_up.items():
            probes.add_metric([name], int(up))
        yield probes
        if status.helper_connected is not None:
            yield GaugeMetricFamily(
                "pydoom_helper_connected",
                "Whether the process that runs probes and hooks is there.",
                value=int(status.helper_connected),
            )
            yield GaugeMetricFamily(
                "pydoom_hooks_waiting", "Messages for hooks in the queue.", value=status.hooks_waiting
            )


class MetricsServer:
    """Serves the metrics at a port, or at a Unix socket that is ours alone."""

    def __init__(self, metrics: Metrics, address: tuple[str, int] | ListeningSocket) -> None:
        self.metrics = metrics
        self._address = address
        self._pages = PageServer(self._page)
        self._server: asyncio.Server | None = None

    async def start(self, status: Callable[[], BridgeStatus]) -> int:
        """Begin to serve; return the port, 0 for a Unix socket. Raises SetupError when the port is taken."""
        self.metrics.registry.register(_Gauges(status))
        if isinstance(self._address, ListeningSocket):
            self._server = await asyncio.start_unix_server(
                self._pages.answer, sock=self._address.socket, limit=MAX_HEAD
            )
            return 0
        host, port = self._address
        try:
            self._server = await asyncio.start_server(self._pages.answer, host, port, limit=MAX_HEAD)
        except OSError as error:
            raise SetupError(f"cannot serve metrics on {host}:{port}: {error.strerror}") from error
        return int(self._server.sockets[0].getsockname()[1])

    def close(self) -> None:
        """Stop listening."""
        if self._server is not None:
            self._server.close()
        if isinstance(self._address, ListeningSocket):
            self._address.close()

    async def _page(self) -> bytes:
        return response("200 OK", self.metrics.page(), CONTENT_TYPE_LATEST)
