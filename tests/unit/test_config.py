"""Settings: the file, the command line, the objects made from them, and the errors for broken files."""

import codecs
import string
import tomllib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pydoom.cli.grammar import OptionsError
from pydoom.cli.main import main
from pydoom.cli.options import parse_options
from pydoom.cli.play import _configure
from pydoom.config import SETTINGS, ConfigError, ConfigFile, Configuration, Value, default_values
from pydoom.config.file import commented_text
from pydoom.config.keynames import key_number
from pydoom.game import events as ev
from pydoom.game.events import Event, KeyEvent
from pydoom.screens.settings import Settings


def read(folder: Path, text: str) -> ConfigFile:
    path = folder / "pydoom.toml"
    path.write_text(text, encoding="utf-8")
    return ConfigFile(path)


def complaint(folder: Path, text: str) -> str:
    with pytest.raises(ConfigError) as caught:
        read(folder, text)
    message = str(caught.value)
    assert "\n" not in message
    return message.removeprefix(f"{folder}/pydoom.toml:")


# -- the table


def test_every_default_is_valid() -> None:
    for setting in SETTINGS:
        raw = list(setting.default) if isinstance(setting.default, tuple) else setting.default
        assert setting.check(raw) == setting.default


def test_names_and_flags_are_unique() -> None:
    assert len({setting.key for setting in SETTINGS}) == len({setting.option for setting in SETTINGS}) == len(SETTINGS)


def test_defaults_are_those_of_the_menu_and_the_controls() -> None:
    configuration = Configuration()
    assert configuration.settings() == Settings()
    bindings = configuration.bindings()
    assert {ev.KEY_UPARROW, ord("w")} <= bindings.forward
    assert bindings.weapons[2] == {ord("3")}
    assert (bindings.mouse_fire, bindings.mouse_strafe, bindings.mouse_forward, bindings.mouse_use) == (1, 2, 4, 0)


@pytest.mark.parametrize(
    ("name", "number"),
    [
        ("w", ord("w")),
        ("W", ord("w")),
        ("ctrl", ev.KEY_RCTRL),
        ("f10", ev.KEY_F10),
        ("f11", ev.KEY_F11),
        ("comma", ord(",")),
        ("pad_a", ev.KEY_PAD_A),
        ("wheelup", ev.KEY_WHEELUP),
        ("no such", None),
        ("é", None),
    ],
)
def test_keys_have_names(name: str, number: int | None) -> None:
    assert key_number(name) == number


# -- the file


def test_missing_file_sets_nothing(tmp_path: Path) -> None:
    file = ConfigFile(tmp_path / "none.toml")
    assert (file.values, file.warnings) == ({}, [])


def test_file_sets_what_it_names(tmp_path: Path) -> None:
    file = read(tmp_path, '[video]\ngamma = 2\n\n[keys]\nfire = ["x", "PAD_X"]\nuse = "q"\n')
    assert file.values == {"video.gamma": 2, "keys.fire": ("x", "pad_x"), "keys.use": ("q",)}
    assert Configuration(file.values).bindings().fire == {ord("x"), ev.KEY_PAD_X}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[video]\ngamma = 9\n", "2: video.gamma must be a number from 0 to 4"),
        ("[video]\n\n# gamma\ngamma = true\n", "4: video.gamma must be a number from 0 to 4"),
        ('[view]\ndetail = "medium"\n', '2: view.detail must be "high" or "low"'),
        ("[view]\nmessages = 1\n", "2: view.messages must be true or false"),
        ('[keys]\nuse = ["x",\n "q1"]\n', '2: keys.use must be a list of keys such as ["up", "w"]; \'q1\' is no key'),
        ("[keys]\nfire = 3\n", '2: keys.fire must be a list of keys such as ["up", "w"]'),
        ("[video]\nscale = \n", "2: Invalid value"),
        ("\n\n[video\n", "3: Expected ']' at the end of a table declaration"),
        ("[video]\nscale = 1\nscale = 2\n", "3: Cannot overwrite a value"),
        ('[video]\nscreenshots = "', "2: Unterminated string"),
    ],
)  # fmt: skip
def test_broken_file_is_refused_for_one_line(tmp_path: Path, text: str, message: str) -> None:
    assert complaint(tmp_path, text) == message


def test_binary_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.toml"
    path.write_bytes(b"[video]\n\xff\xfe")
    with pytest.raises(ConfigError, match=r"x\.toml:2: not text in UTF-8"):
        ConfigFile(path)
    path.write_bytes(b"#" * 2_000_000)
    with pytest.raises(ConfigError, match="too large for settings"):
        ConfigFile(path)


def test_unknown_names_are_warned_about_with_their_line(tmp_path: Path) -> None:
    file = read(tmp_path, "[video]\ncolour = 1\n\n[vidoe]\nscale = 1\n")
    warnings = [warning.removeprefix(f"{tmp_path}/pydoom.toml:") for warning in file.warnings]
    assert warnings == ["2: unknown setting colour in [video]", "4: unknown section [vidoe]"]
    assert file.values == {}


def test_new_file_explains_every_setting_and_sets_only_what_changed(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "pydoom.toml"
    ConfigFile(path).save({"sound.music": 3})
    text = path.read_text()
    assert tomllib.loads(text)["sound"] == {"music": 3}
    assert ConfigFile(path).values == {"sound.music": 3}
    assert all(setting.help in text for setting in SETTINGS)
    assert all(f"\n# {setting.name} = " in text for setting in SETTINGS if setting.key != "sound.music")
    assert [each.name for each in path.parent.iterdir()] == ["pydoom.toml"]


def test_defaults_shown_in_comments_are_the_defaults() -> None:
    text = commented_text({})
    lines = [line.removeprefix("# ") if " = " in line and line.startswith("# ") else line for line in text.splitlines()]
    shown = tomllib.loads("\n".join(line for line in lines if line.startswith("[") or " = " in line))
    for setting in SETTINGS:
        assert setting.check(shown[setting.section][setting.name]) == setting.default


def test_changed_setting_keeps_the_rest_of_the_file(tmp_path: Path) -> None:
    text = "# mine\n[sound]\nmusic = 3 # loud\nother = 1\n[video]\n# gamma = 0\n# the end\n"
    file = read(tmp_path, text)
    file.save({"sound.music": 15, "video.gamma": 1, "view.detail": "low", "sound.effects": 0})
    assert file.path.read_text() == (
        "# mine\n[sound]\neffects = 0\nmusic = 15\nother = 1\n[video]\n# gamma = 0\ngamma = 1\n# the end\n"
        '\n[view]\ndetail = "low"\n'
    )


def test_unusual_file_is_rewritten(tmp_path: Path) -> None:
    file = read(tmp_path, 'sound = {music = 3}\nvideo.gamma = 1\n[keys]\nfire = ["x"]\n')
    file.save({"sound.music": 4})
    assert ConfigFile(file.path).values == {"sound.music": 4, "video.gamma": 1, "keys.fire": ("x",)}


def test_file_without_changes_is_left_alone(tmp_path: Path) -> None:
    file = read(tmp_path, "[sound]\nmusic=3")
    file.save({})
    assert file.path.read_text() == "[sound]\nmusic=3"


VALUES = st.fixed_dictionaries(
    {},
    optional={
        "sound.music": st.integers(0, 15),
        "view.messages": st.booleans(),
        "view.detail": st.sampled_from(["high", "low"]),
        "video.screenshots": st.text(max_size=8).filter(lambda text: "\0" not in text and text.isprintable()),
        "keys.fire": st.lists(st.sampled_from([*string.ascii_lowercase, '"', "\\", "ctrl"]), max_size=3).map(tuple),
    },
)


@settings(deadline=None, max_examples=50)
@given(VALUES, VALUES)
def test_what_is_saved_is_read_again(
    tmp_path_factory: pytest.TempPathFactory, first: dict[str, Value], second: dict[str, Value]
) -> None:
    path = tmp_path_factory.mktemp("config") / "pydoom.toml"
    ConfigFile(path).save(first)
    assert ConfigFile(path).values == first
    ConfigFile(path).save(second)
    assert ConfigFile(path).values == first | second


@settings(deadline=None)
@given(st.text(alphabet="[]=\"'#\n\\ videoscalekysfr123,{}", max_size=60))
def test_damaged_file_is_read_or_refused_in_one_line(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    path = tmp_path_factory.mktemp("config") / "pydoom.toml"
    path.write_text(text)
    try:
        ConfigFile(path).save({"video.gamma": 3})
    except ConfigError as error:
        assert str(error).isprintable()
    else:
        assert ConfigFile(path).values["video.gamma"] == 3


# -- the objects made from settings


def test_changes_are_what_differs_at_the_end() -> None:
    configuration = Configuration({"sound.music": 3})
    menu = configuration.settings()
    assert configuration.changes(menu, None) == {}
    menu.gamma = 2
    menu.low_detail = True
    assert configuration.changes(menu, True) == {
        "video.gamma": 2,
        "view.detail": "low",
        "video.fullscreen": True,
    }


def test_remapped_keys_reach_menu_and_automap_as_the_fixed_ones() -> None:
    keys = Configuration({"keys.map": ("v",), "keys.map_grid": ("k",)}).key_map()

    def moved(key: int, *, menu: bool = False, automap: bool = False, down: bool = True) -> list[int]:
        events = keys.translate(KeyEvent(key, down), menu_active=menu, map_active=automap)
        return [event.key for event in events if isinstance(event, KeyEvent)]

    assert moved(ord("v")) == [ev.KEY_TAB]
    assert moved(ev.KEY_TAB) == []
    assert moved(ord("g"), automap=True) == []
    assert moved(ord("k"), automap=True) == [ord("g")]
    assert (moved(ord("g")), moved(ord("v"), menu=True)) == ([ord("g")], [ord("v")])
    assert moved(ord("k"), automap=True, down=False) == [ord("g"), ord("k")]
    assert moved(ev.KEY_PAD_START) == [ev.KEY_ESCAPE]
    assert (moved(ev.KEY_PAD_A, menu=True), moved(ev.KEY_PAD_A)) == ([ev.KEY_ENTER], [ev.KEY_PAD_A])


def test_the_numeric_keypad_does_as_in_the_original_unless_it_is_bound() -> None:
    keys = Configuration({"keys.fire": ("kp_5", "kp_enter")}).key_map()

    def heard(key: int, char: int = 0, *, menu: bool = False) -> list[Event]:
        return keys.translate(KeyEvent(key, True, char), menu_active=menu, map_active=False)

    assert heard(ev.KEY_KP_8) == [KeyEvent(ev.KEY_UPARROW)]
    assert heard(ev.KEY_KP_PLUS, ord("+")) == [KeyEvent(ev.KEY_EQUALS, True, ord("+"))]
    assert heard(ev.KEY_KP_5) == [KeyEvent(ev.KEY_KP_5)]
    assert heard(ev.KEY_KP_ENTER) == [KeyEvent(ev.KEY_KP_ENTER)]
    # in the menu it moves and chooses all the same, and types digits with NumLock
    assert heard(ev.KEY_KP_ENTER, menu=True) == [KeyEvent(ev.KEY_ENTER)]
    assert heard(ev.KEY_KP_8, ord("8"), menu=True) == [KeyEvent(ev.KEY_UPARROW, True, ord("8"))]


def test_aspect_and_screenshot_folder() -> None:
    configuration = Configuration({"video.aspect": "square", "video.screenshots": "~/shots", "video.scale": 3})
    assert not configuration.window().aspect
    assert configuration.window(cover_screen=True).grab_mouse is False
    assert configuration.window().scale == 3
    assert configuration.screenshot_folder() == Path.home() / "shots"


# -- the command line


def given_settings(*words: str) -> dict[str, Value]:
    return dict(parse_options(words).settings)


def test_every_setting_is_a_flag_too() -> None:
    assert given_settings() == {}
    assert given_settings("--gamma", "3", "--no-messages", "--aspect", "square") == {
        "video.gamma": 3,
        "view.messages": False,
        "video.aspect": "square",
    }
    assert given_settings("--key-fire", "x,comma", "--key-weapon-1", "q") == {
        "keys.fire": ("x", "comma"),
        "keys.weapon_1": ("q",),
    }
    for setting in SETTINGS:
        if isinstance(setting.default, bool):
            assert given_settings(setting.option) == {setting.key: True}
        else:
            text = ",".join(setting.default) if isinstance(setting.default, tuple) else str(setting.default)
            assert given_settings(f"{setting.option}={text}") == {setting.key: setting.default}


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--gamma", "5"], "argument --gamma: '5' is not a number from 0 to 4"),
        (["--gamma", "x"], "argument --gamma: 'x' is not a number from 0 to 4"),
        (["--key-fire", "foo"], "'foo' is no key"),
        (["--aspect", "16:9"], '\'16:9\' is not "4:3" or "square"'),
    ],
)
def test_impossible_settings_are_refused(words: list[str], message: str) -> None:
    with pytest.raises(OptionsError) as caught:
        parse_options(words)
    assert message in str(caught.value)


def test_command_line_overrides_the_file() -> None:
    values = Configuration({"video.gamma": 1, "sound.music": 2}, {"video.gamma": 3}).values
    assert (values["video.gamma"], values["sound.music"]) == (3, 2)
    assert values.keys() == default_values().keys()


def test_broken_file_ends_the_program_with_one_line(
    wad_path: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "mine.toml"
    path.write_text("[video]\ngamma = 7\n")
    words = ["--wad", str(wad_path), "--headless", "--no-draw", "--timedemo", "demo1", "--config", str(path)]
    assert main(words) == 2
    error = capsys.readouterr().err
    assert error.startswith(f"pydoom: {path}:2: video.gamma must be a number from 0 to 4 (")
    assert "--no-config" in error
    assert error.count("\n") == 1


def test_settings_that_cannot_be_read_are_a_warning_unless_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    unreadable = tmp_path / "pydoom.toml"
    unreadable.mkdir()
    monkeypatch.setattr("pydoom.cli.play.default_path", lambda: unreadable)
    configuration, file = _configure(parse_options([]))
    assert (configuration.settings(), file) == (Settings(), None)
    assert "settings not read" in capsys.readouterr().err
    with pytest.raises(OSError):
        _configure(parse_options(["--config", str(unreadable)]))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[video]\nfullscreen = " + "9" * 5000, "2: a number is too long"),
        ("[video]\ngamma = " + "[" * 5000 + "]" * 5000, "1: lists nested too deeply"),
        ("[video]\ngamma = " + "{a=" * 5000 + "1" + "}" * 5000, "1: lists nested too deeply"),
    ],
    ids=["number", "lists", "tables"],
)
def test_values_that_python_refuses_are_reported_in_one_line(tmp_path: Path, text: str, message: str) -> None:
    assert complaint(tmp_path, text) == message


def test_the_mark_that_windows_editors_put_first_is_not_part_of_the_settings(tmp_path: Path) -> None:
    path = tmp_path / "pydoom.toml"
    path.write_bytes(codecs.BOM_UTF8 + b"[video]\r\ngamma = 3\r\n")
    assert ConfigFile(path).values == {"video.gamma": 3}
