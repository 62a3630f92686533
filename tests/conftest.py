"""Shared fixtures, and the rule that CI may not skip: with PYDOOM_FORBID_SKIPS set, a skipped test fails."""

import os
import signal
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest

from pydoom.core import is_compiled
from pydoom.wad import Assets, load
from tests import surroundings

ROOT = Path(__file__).parent.parent
WAD = ROOT / "wads" / "doom1.wad"

# before any test module is imported, since some of them read the environment on import
surroundings.clean(os.environ)

# a shell has what it starts in the background ignore Ctrl-C, and so would every program that a test starts
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if report.skipped and os.environ.get("PYDOOM_FORBID_SKIPS"):
        report.outcome, report.longrepr = "failed", _forbidden(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(
    collector: pytest.Collector,
) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """A module may skip all of its tests before there are any."""
    report = yield
    if report.outcome == "skipped" and os.environ.get("PYDOOM_FORBID_SKIPS"):
        report.outcome, report.longrepr = "failed", _forbidden(report)
    return report


def _forbidden(report: pytest.TestReport | pytest.CollectReport) -> str:
    reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
    return f"skipping is forbidden here: {reason}"


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """With the compiled core, leave out what can be tested with the pure one only."""
    if not is_compiled():
        return
    left_out = [item for item in items if "pure_core" in getattr(item, "fixturenames", ())]
    items[:] = [item for item in items if item not in left_out]
    config.hook.pytest_deselected(items=left_out)


@pytest.fixture
def pure_core(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """`monkeypatch` for functions of the simulation, and the mark of tests that inherit from its classes.

    Compiled functions call each other directly, so they never meet a replacement, and compiled classes have no plain
    subclasses. Tests that ask for this are left out with the compiled core; golden tests cover the same rules there.
    """
    return monkeypatch


@pytest.fixture(scope="session")
def wad_path() -> Path:
    """The shareware WAD; `make` fetches it."""
    if not WAD.is_file():
        pytest.skip(f"{WAD} is missing: run `make {WAD.relative_to(ROOT)}`")
    return WAD


@pytest.fixture(scope="module")
def assets(wad_path: Path) -> Assets:
    """The shareware WAD, loaded; tests of one module share it."""
    return load(wad_path)


@pytest.fixture(autouse=True, scope="session")
def own_settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Tests neither read nor change the settings and saved games of the person who runs them."""
    with pytest.MonkeyPatch.context() as patch:
        for kind in ("CONFIG", "DATA", "STATE"):
            patch.setenv(f"XDG_{kind}_HOME", str(tmp_path_factory.mktemp(kind.lower())))
        yield
