"""Options from the environment: the same as on the command line, and typing errors are refused."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
import yaml

from hostbridge.cli import gate, options
from hostbridge.cli.environment import arguments
from hostbridge.fault import Fault
from hostbridge.model import KillAction, SetupError
from hostbridge.policy.rules import Policy
from tests.conftest import ROOT


def policy_of(monkeypatch: pytest.MonkeyPatch, environment: Mapping[str, str], *flags: str) -> Policy:
    for name, value in environment.items():
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
    environment = {"PYDOOM_ACTION": "stop", "PYDOOM_PROTECT": "db"}
    policy = policy_of(monkeypatch, environment, "--action", "kill", "--protect", "cache")
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
