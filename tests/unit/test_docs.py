"""The docs: they build without a warning, fetch nothing from elsewhere, and their commands work."""

import contextlib
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from pydoom import api
from tests.conftest import ROOT
from tests.docs_commands import all_commands, environment, run, workplace
from tests.docs_mentions import all_mentions, check

pytest.importorskip("mkdocs")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("docs") / "site"
    result = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(folder)],
        cwd=ROOT,
        env=os.environ | {"NO_MKDOCS_2_WARNING": "1"},  # an advertisement for another product
        capture_output=True,
        text=True,
    )
    assert result.returncode == 0, result.stderr
    assert "WARNING" not in result.stderr
    return folder


def test_every_page_is_built(site: Path) -> None:
    pages = {page.stem for page in (ROOT / "docs").glob("*.md")}
    assert {page.stem for page in site.glob("*.html")} >= pages


def test_reference_is_generated(site: Path) -> None:
    text = (site / "api.html").read_text()
    names = [f"pydoom.api.{name}" for name in api.__all__]
    names += [f"pydoom.gym.env.{name}" for name in ("DoomEnv", "DISCRETE", "MULTI_BINARY", "VARIABLES")]
    for name in (*names, "pydoom.api.Game.step", "pydoom.gym.rewards.Rewards"):
        assert f'id="{name}"' in text, name


def test_constructors_are_shown_with_their_arguments(site: Path) -> None:
    text = re.sub(r"<[^>]+>", "", (site / "api.html").read_text())
    for argument in ("headless: bool = True", "frame_skip: int = 4"):
        assert argument in text


def test_internals_show_what_packages_say_of_themselves(site: Path) -> None:
    text = (site / "internals.html").read_text()
    for name in ("pydoom.sim", "pydoom.wad", "hostbridge.policy"):
        assert f'id="{name}"' in text


def test_pages_fetch_nothing_from_elsewhere(site: Path) -> None:
    fetched = re.compile(
        r'<(?:script|img|iframe|source)[^>]*\bsrc="(?:https?:)?//|<link[^>]*rel="(?:stylesheet|pre)[^>]*//'
    )
    for page in site.rglob("*.html"):
        assert not fetched.search(page.read_text()), page


def test_images_exist(site: Path) -> None:
    for page in site.rglob("*.html"):
        for source in re.findall(r'<img[^>]* src="([^":/][^":]*)"', page.read_text()):
            assert (page.parent / source).is_file(), f"{page.name}: {source}"


def test_python_example_of_the_api_works(wad_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    page = (ROOT / "docs" / "api.md").read_text()
    for example in re.findall(r"^```python\n(.*?)^```", page, re.MULTILINE | re.DOTALL):
        exec(compile(example.replace("doom1.wad", str(wad_path)), "docs/api.md", "exec"), {})
    assert capsys.readouterr().out == "100 (200, 320)\nTrue\n"


@pytest.mark.slow
@pytest.mark.parametrize("mention", all_mentions())
def test_commands_mentioned_in_sentences_are_understood(mention: str) -> None:
    check(mention)


LOCAL = [command for command in all_commands() if not command.needs_docker]


@pytest.mark.slow
@pytest.mark.parametrize("file", sorted({command.file for command in LOCAL}))
def test_commands_work_from_top_to_bottom(file: str, tmp_path: Path, wad_path: Path) -> None:
    place, env = workplace(tmp_path), environment(tmp_path)
    socket = tmp_path / "run" / "bridge.sock"
    commands = [replace(it, text=it.text.replace("SOCKET", str(socket))) for it in LOCAL if it.file == file]
    with contextlib.ExitStack() as cleanup:
        if any(str(socket) in command.text for command in commands):
            cleanup.enter_context(bridge_at(socket, env))
        for command in commands:
            if not command.lacking:
                run(command, tmp_path, place, env)
    lacking = {str(command): command.lacking for command in commands if command.lacking}
    if lacking:
        pytest.skip("; ".join(f"{where} needs {', '.join(programs)}" for where, programs in lacking.items()))


@contextlib.contextmanager
def bridge_at(socket: Path, env: dict[str, str]) -> Iterator[None]:
    """A bridge with simulated containers."""
    serve = [sys.executable, "-m", "hostbridge", "--backend", "simulated", "--socket", str(socket), "--quiet"]
    with subprocess.Popen(serve, env=env, cwd=ROOT) as bridge:
        try:
            wait_for_bridge(socket, env)
            yield
        finally:
            bridge.terminate()


def wait_for_bridge(socket: Path, env: dict[str, str]) -> None:
    ping = [sys.executable, "-m", "hostbridge", "ping", "--socket", str(socket)]
    deadline = time.monotonic() + 30
    while subprocess.run(ping, env=env, cwd=ROOT, capture_output=True).returncode:
        assert time.monotonic() < deadline, "the bridge did not start"
        time.sleep(0.2)
