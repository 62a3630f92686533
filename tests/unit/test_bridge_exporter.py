"""The command line of ``hostbridge exporter``."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

import pytest

from hostbridge.cli import exporter
from hostbridge.model import SetupError


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("unix:metrics", "--from unix:metrics: the path must be absolute"),
        ("unix:", "--from unix:: the path must be absolute"),
        ("unix://run/metrics", "--from unix://run/metrics: the path must be absolute"),
        ("9633", "--from 9633: not unix:PATH"),
        ("/run/metrics", "--from /run/metrics: not PORT, HOST:PORT or unix:PATH"),
    ],
)
def test_a_place_that_is_no_socket_s_absolute_path_is_refused(
    source: str, reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asyncio, "run", Coroutine.close)
    with pytest.raises(SetupError) as caught:
        exporter.main(["--from", source])
    assert str(caught.value) == reason


def test_source_may_be_written_as_for_the_bridge_s_metrics(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Path] = []

    async def serve(path: Path, _host: str, _port: int) -> None:
        asked.append(path)

    def run(work: Coroutine[Any, Any, None]) -> None:
        with pytest.raises(StopIteration):
            work.send(None)

    monkeypatch.setattr(exporter, "_serve", serve)
    monkeypatch.setattr(asyncio, "run", run)
    for source in ("unix:/run/metrics", "unix:///run/metrics"):
        assert exporter.main(["--from", source]) == 0
    assert asked == [Path("/run/metrics")] * 2
