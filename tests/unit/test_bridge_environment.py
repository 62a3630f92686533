"""Options from the environment: the same as on the command line, and typing errors are refused."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import NoReturn

import pytest
import yaml

from hostbridge.cli import environment, gate, main, options, up
from hostbridge.cli.environment import arguments, variable_of
from hostbridge.fault import Fault
from hostbridge.host import sockets
from hostbridge.model import KillAction, SetupError
from hostbridge.policy.rules import Policy
from tests.conftest import ROOT


def policy_of(monkeypatch: pytest.MonkeyPatch, variables: Mapping[str, str], *flags: str) -> Policy:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    return options.policy_of(options.serve_parser().parse_args(flags))


def test_flags_and_rules_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    policy = policy_of(
        monkeypatch,
        {
            "PYDOOM_DRY_RUN": "1",
            "PYDOOM_INCLUDE": "web-* 'label=note=two words'",
            "PYDOOM_WEAPON": "'plasma rifle=disconnect:20' fist=pause",
            "PYDOOM_ACTION": "pause:5",
            "PYDOOM_KILL_BUDGET": "7",
            "PYDOOM_WOUND": "no",
            "PYDOOM_EXCLUDE": "",
        },
    )
    assert [str(each) for each in policy.include] == ["name=web-*", "label=note=two words"]
    assert policy.fault == Fault(KillAction.PAUSE, 5)
    assert policy.weapons["plasma rifle"] == Fault(KillAction.DISCONNECT, 20)
    assert (policy.dry_run, policy.wound, policy.kill_budget, policy.exclude) == (True, False, 7, ())


def test_the_command_line_wins_and_adds(monkeypatch: pytest.MonkeyPatch) -> None:
    variables = {"PYDOOM_ACTION": "stop", "PYDOOM_PROTECT": "db"}
    policy = policy_of(monkeypatch, variables, "--action", "kill", "--protect", "cache")
    assert policy.fault.action is KillAction.KILL
    assert [str(each) for each in policy.protect] == ["name=db", "name=cache"]


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("PYDOOM_DRY_RUN", "perhaps", "PYDOOM_DRY_RUN=perhaps: write 1 or 0"),
        ("PYDOOM_INCLUDE", "'web", "PYDOOM_INCLUDE='web: No closing quotation"),
        ("PYDOOM_INCULDE", "web", "unknown setting PYDOOM_INCULDE: did you mean PYDOOM_INCLUDE"),
        ("PYDOOM_DRYRUN", "1", "unknown setting PYDOOM_DRYRUN: did you mean PYDOOM_DRY_RUN"),
        ("PYDOOM_KILL_RATE", "many", "invalid int value"),
        ("PYDOOM_ACTION", "sleep", "'sleep' is not one of"),
        ("PYDOOM_PROTECT", "lable=tier", "unknown selector"),
    ],
)
def test_invalid_settings_are_refused_in_one_line(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, reason: str
) -> None:
    with pytest.raises(SetupError) as caught:
        policy_of(monkeypatch, {name: value})
    assert reason in str(caught.value)


def test_variables_of_the_game_are_ignored(monkeypatch: pytest.MonkeyPatch) -> None:
    found = policy_of(monkeypatch, {"PYDOOM_COMPILE": "1", "PYDOOM_FORBID_SKIPS": "1", "DRY_RUN": "1"})
    assert found == Policy()


def test_gate_takes_the_actions_but_not_the_bridge_s_socket(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"PYDOOM_ACTION": "stop", "PYDOOM_SOCKET": "/run/bridge.sock", "PYDOOM_GROUP": "1"}.items():
        monkeypatch.setenv(name, value)
    chosen = gate.parser().parse_args([])
    assert (chosen.action, chosen.socket, chosen.group) == ("stop", None, None)


def test_help_and_version_are_not_settings() -> None:
    actions = options.serve_parser()._actions
    assert arguments(actions, {"PYDOOM_VERSION": "1", "PYDOOM_HELP": "1"}) == []


def test_compose_passes_on_what_the_programs_know() -> None:
    services = yaml.safe_load((ROOT / "compose.yaml").read_text())["services"]
    parsers = {"gate": gate.parser(), "bridge": options.serve_parser()}
    for service, parser in parsers.items():
        known = {f"PYDOOM_{option[2:].replace('-', '_').upper()}" for each in parser._actions
                 for option in each.option_strings if option.startswith("--")}  # fmt: skip
        assert set(services[service]["environment"]) <= known
    assert services["gate"]["environment"].items() <= services["bridge"]["environment"].items()


class Caught(BaseException):
    """Carries a command's parser out of the command."""


COMMANDS = {"": [], "policy": ["policy", "check"], **{name: [name] for name in main._COMMANDS if name != "policy"}}


def parser_of(command: str) -> options.OptionParser:
    """The parser with which a command reads its command line."""

    def catch(parser: options.OptionParser, *_: object) -> NoReturn:
        raise Caught(parser)

    with pytest.MonkeyPatch.context() as patch, pytest.raises(Caught) as caught:
        patch.setattr(options.OptionParser, "parse_known_args", catch)
        main.main(COMMANDS[command])
    (parser,) = caught.value.args
    assert isinstance(parser, options.OptionParser)
    return parser


def settings_of(command: str) -> set[str]:
    """The options of a command that the environment may set, without dashes."""
    names = {name for action in parser_of(command)._actions for name in action.option_strings}
    return {name[2:] for name in names if name.startswith("--")} - {"help", "version", "until-stdin-closes"}


def test_every_option_of_every_command_is_known() -> None:
    pytest.importorskip("docker")
    assert set().union(*map(settings_of, COMMANDS)) == environment.KNOWN


@pytest.mark.parametrize("command", COMMANDS)
def test_a_setting_of_one_command_is_no_typing_error_for_another(command: str) -> None:
    pytest.importorskip("docker")
    actions = parser_of(command)._actions
    own = {variable_of(f"--{name}") for name in settings_of(command)}
    for name in {variable_of(f"--{name}") for other in COMMANDS for name in settings_of(other)} - own:
        assert arguments(actions, {name: "1"}) == [], name


def test_journal_of_the_bridge_does_not_stop_the_gate() -> None:
    assert arguments(gate.parser()._actions, {"PYDOOM_UNDO": "/var/lib/pydoom/undo.json"}) == []


def test_socket_of_the_gate_is_not_in_the_folder_that_the_game_can_see(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    assert gate.default_path() == tmp_path / "pydoom-gate" / "engine.sock"
    monkeypatch.delenv("XDG_RUNTIME_DIR")
    assert gate.default_path().name == "engine.sock"
    assert gate.default_path().parent != sockets.default_path().parent
    assert gate.default_path().parent.parent == sockets.default_path().parent.parent


@pytest.mark.parametrize(("given", "password"), [("", "1234"), ("mV7!kq", "mV7!kq")])
def test_up_takes_an_empty_password_for_none(given: str, password: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VNC_PASSWORD", given)
    assert up.parser().parse_args([]).password == password
    assert up.parser().parse_args(["--password", ""]).password == "1234"
