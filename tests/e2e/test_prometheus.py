"""A real Prometheus reads a bridge without a network through the exporter, and accepts the rules that come with it."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.bridges import eventually
from tests.conftest import ROOT
from tests.e2e.conftest import free_port
from tests.e2e.real_bridge import RealBridge

pytestmark = pytest.mark.e2e

SIMULATED = ("--backend", "simulated", "--fleet", "7", "--churn", "0", "--include", "*")
EXPORTER = (sys.executable, "-m", "hostbridge", "exporter", "--from")
DEPLOYED = ROOT / "deploy" / "prometheus"


def needs(program: str) -> str:
    found = shutil.which(program)
    if found is None:
        pytest.skip(f"{program} is not installed")
    return found


@contextmanager
def running(*command: str) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(command)
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(15) in (0, -signal.SIGTERM)


def fetched(url: str) -> str:
    """The page at the URL; empty while nobody answers."""
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return str(answer.read().decode())
    except OSError:
        return ""


def asked(port: int, query: str) -> list[float]:
    """Prometheus' values for a query."""
    text = fetched(f"http://127.0.0.1:{port}/api/v1/query?{urllib.parse.urlencode({'query': query})}")
    found = json.loads(text)["data"]["result"] if text else []
    return [float(each["value"][1]) for each in found]


def test_prometheus_scrapes_the_bridge_through_the_exporter(
    start_bridge: Callable[..., RealBridge], tmp_path: Path
) -> None:
    prometheus = needs("prometheus")
    page = tmp_path / "metrics" / "page.sock"
    bridge = start_bridge(*SIMULATED, "--metrics", f"unix:{page}")
    exporter_port, port = free_port(), free_port()
    config = (DEPLOYED / "prometheus.yml").read_text().replace("9633", str(exporter_port)).replace("5s", "1s")
    (tmp_path / "prometheus.yml").write_text(config)
    shutil.copy(DEPLOYED / "rules.yml", tmp_path)
    exporter = (
        sys.executable,
        "-m",
        "hostbridge",
        "exporter",
        "--from",
        f"unix:{page}",
        "--listen",
        str(exporter_port),
    )
    server = (prometheus, f"--config.file={tmp_path}/prometheus.yml", f"--storage.tsdb.path={tmp_path}/data",
              f"--web.listen-address=127.0.0.1:{port}", "--log.level=error")  # fmt: skip
    with running(*exporter), running(*server):
        eventually(lambda: asked(port, 'pydoom_containers{protected="false"}') == [7], 30)
        talk = bridge.talk()
        victim = talk.ask(type="list")["containers"][0]["id"]
        assert talk.ask(type="kill", id=victim)["type"] == "ok"
        eventually(lambda: asked(port, 'pydoom_kills_total{result="ok"}') == [1], 30)
        assert asked(port, "pydoom_engine_up") == [1]
        rules = json.loads(fetched(f"http://127.0.0.1:{port}/api/v1/rules"))["data"]["groups"]
        assert {rule["health"] for group in rules for rule in group["rules"]} <= {"ok", "unknown"}


def test_an_exporter_without_its_bridge_says_so(tmp_path: Path) -> None:
    port = free_port()
    with running(
        sys.executable, "-m", "hostbridge", "exporter", "--from", f"unix:{tmp_path}/none", "--listen", str(port)
    ):

        def status() -> int:
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=5)
            except urllib.error.HTTPError as error:
                return error.code
            except OSError:
                return 0
            return 200

        assert eventually(status, 15) == 503


def test_promtool_accepts_configuration_and_rules() -> None:
    promtool = needs("promtool")
    for words in (("check", "config", "prometheus.yml"), ("test", "rules", "rules.test.yml")):
        done = subprocess.run([promtool, *words], cwd=DEPLOYED, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr


def test_dashboard_asks_only_for_existing_figures(start_bridge: Callable[..., RealBridge], tmp_path: Path) -> None:
    page = tmp_path / "metrics" / "page.sock"
    start_bridge(*SIMULATED, "--metrics", f"unix:{page}")
    port = free_port()
    with running(*EXPORTER, f"unix:{page}", "--listen", str(port)):
        text = eventually(lambda: fetched(f"http://127.0.0.1:{port}/metrics"), 15)
    names = {line.split()[2] for line in text.splitlines() if line.startswith("# TYPE ")}
    queries = [target["expr"] for panel in json.loads((DEPLOYED / "grafana.json").read_text())["panels"]
               for target in panel["targets"]]  # fmt: skip
    assert queries
    for query in queries:
        assert any(name in query for name in names), query
