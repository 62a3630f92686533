"""Help on the command line: pages of help, the original's flags, and suggestions for misspelt options."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from hostbridge.cli.main import main as hostbridge
from pydoom import __version__
from pydoom.cli.grammar import OptionsError, make_parser
from pydoom.cli.main import main as pydoom
from pydoom.cli.options import parse_options
from pydoom.config.table import SETTINGS
from pydoom.core import core_name
from pydoom.kiosk.cli import main as kiosk
from pydoom.kiosk.front import main as front
from pydoom.wad.fetch import main as fetch


def page(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    with pytest.raises(SystemExit) as ended:
        parse_options(["--help", *words])
    assert ended.value.code == 0
    return capsys.readouterr().out


def test_usage_is_two_lines_and_the_first_page_fits_two_screens(capsys: pytest.CaptureFixture[str]) -> None:
    text = page(capsys)
    assert text.startswith("usage: pydoom [options]\n       pydoom doctor [options]\n\n")
    assert text.count("\n") < 85
    for wanted in ("examples:", "--warp", "--bridge", "--timedemo", "--help settings"):
        assert wanted in text
    assert "--key-fire" not in text


def test_every_option_is_on_one_of_the_pages(capsys: pytest.CaptureFixture[str]) -> None:
    shown = page(capsys) + page(capsys, "settings") + page(capsys, "keys") + page(capsys, "rules")
    everything = page(capsys, "all")
    for option in make_parser()._option_string_actions:
        assert option in shown
        assert option in everything


def test_page_of_keys_shows_the_defaults(capsys: pytest.CaptureFixture[str]) -> None:
    text = page(capsys, "keys")
    assert "fire (ctrl, pad_righttrigger)" in text
    assert all(setting.option in text for setting in SETTINGS if setting.section == "keys")


@pytest.mark.parametrize("topic", ["", "settings", "keys", "rules", "all"])
@pytest.mark.parametrize("columns", [60, 80, 132])
def test_help_is_as_wide_as_the_terminal(
    topic: str, columns: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    text = page(capsys, *([topic] if topic else []))
    options = text.split("examples:")[0]
    assert max(map(len, options.splitlines())) <= columns


def test_help_on_an_unknown_topic_lists_the_topics() -> None:
    with pytest.raises(OptionsError, match="'keys'"):
        parse_options(["--help", "weapons"])


def test_flags_of_the_original_work_with_one_dash_and_in_any_case() -> None:
    options = parse_options(["-iwad", "doom2.wad", "-WARP", "7", "-skill", "4", "-fast", "-nomusic"])
    assert (options.wad, options.warp, options.skill, options.fast) == ("doom2.wad", ("7",), 4, True)
    assert options.settings["sound.music"] == 0
    assert parse_options(["-timedemo", "demo1", "-nodraw"]).no_draw
    assert parse_options(["-asciiDisplay"]).terminal == "auto"


def test_values_are_left_alone() -> None:
    assert parse_options(["--window-position=-1,-2"]).window_position == (-1, -2)


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        (["--timdemo", "demo1"], "did you mean --timedemo?"),
        (["-skil", "3"], "did you mean --skill?"),
        (["--key-usse=e"], "did you mean --key-use?"),
        (["--bogus"], "unknown option --bogus"),
        (["doom2.wad"], "--wad doom2.wad"),
        (["--fast", "doctor"], "pydoom doctor"),
        (["mods"], "'mods' does not belong to an option"),
    ],
)
def test_unknown_words_get_a_hint(words: list[str], hint: str) -> None:
    with pytest.raises(OptionsError) as caught:
        parse_options(words)
    assert hint in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("columns", ["0", "1", "4", "11", "500", "-5", "abc", "9" * 30])
@pytest.mark.parametrize(
    ("command", "words"),
    [
        (pydoom, ["--help"]),
        (pydoom, ["--help", "all"]),
        (pydoom, ["--nonsense"]),
        (pydoom, ["doctor", "--help"]),
        (pydoom, ["fleetmap", "--help"]),
        (pydoom, ["picturediff", "--help"]),
        (kiosk, ["--help"]),
        (kiosk, ["--nonsense"]),
        (fetch, ["--help"]),
        (front, ["--help"]),
        (hostbridge, ["--help"]),
        (hostbridge, ["--nonsense"]),
        (hostbridge, ["up", "--help"]),
        (hostbridge, ["policy", "check", "--help"]),
        (hostbridge, ["ping", "--help"]),
        (hostbridge, ["doctor", "--help"]),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else value.__module__,
)
def test_every_command_fits_terminals_of_any_width(
    command: Callable[[list[str]], object],
    words: list[str],
    columns: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    monkeypatch.setenv("LINES", columns)
    try:
        status = command(words)
    except SystemExit as ended:
        status = ended.code
    assert status == (2 if "--nonsense" in words else 0)
    assert "".join(capsys.readouterr())


@pytest.mark.parametrize("columns", ["0", "1", "4", "-5", "abc"])
@pytest.mark.parametrize(
    ("command", "name"),
    [(pydoom, f"pydoom {__version__} ({core_name()} core)"), (hostbridge, f"hostbridge {__version__}")],
)
def test_the_version_is_one_line_in_terminals_of_any_width(
    command: Callable[[list[str]], object],
    name: str,
    columns: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    with pytest.raises(SystemExit):
        command(["--version"])
    assert capsys.readouterr().out == f"{name}\n"
