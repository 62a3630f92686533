"""What a kill can mean, in flags and in a policy."""

from __future__ import annotations

import pytest

from hostbridge.cli import options
from hostbridge.fault import DEFAULT_MEMORY, DEFAULT_SECONDS, Fault, FaultError
from hostbridge.model import KillAction, SetupError
from hostbridge.policy import file as policy_file

POLICY = """
[kill]
action = {action = "kill", signal = "TERM"}
[kill.weapons]
"plasma rifle" = {action = "disconnect", seconds = 12.5}
"chaingun" = {action = "throttle", seconds = 30, cpus = 0.1}
"bfg9000" = {action = "squeeze", seconds = 60, memory = "128m"}
fist = "pause:5"
pistol = "squeeze"
"""


def test_policy_gives_each_weapon_a_fault_with_its_parameters() -> None:
    policy = policy_file.parse(POLICY.encode())
    assert policy.fault == Fault(KillAction.KILL, signal="SIGTERM")
    assert policy.weapons == {
        "plasma rifle": Fault(KillAction.DISCONNECT, 12.5),
        "chaingun": Fault(KillAction.THROTTLE, 30, cpus=0.1),
        "bfg9000": Fault(KillAction.SQUEEZE, 60, memory=128 << 20),
        "fist": Fault(KillAction.PAUSE, 5),
        "pistol": Fault(KillAction.SQUEEZE, DEFAULT_SECONDS, memory=DEFAULT_MEMORY),
    }


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        ('"remove:20"', "remove cannot be undone, so it takes no seconds"),
        ('"paws"', "'paws' is not one of remove, stop"),
        ('"pause:-1"', "'pause:-1' is not one of"),
        ('"pause:99999999"', "is not one of"),
        ('"pause:100000"', "seconds must be between 0 and 86400"),
        ('"throttle:0"', "throttle is always temporary: give it seconds"),
        ('{seconds = 20}', "must be one of remove"),
        ('{action = "pause", second = 20}', "unknown key 'second' in a fault; known are action, seconds, signal"),
        ('{action = "pause", seconds = true}', "seconds must be a number"),
        ('{action = "pause", seconds = nan}', "seconds must be a number"),
        ('{action = "pause", seconds = inf}', "seconds must be a number"),
        ('{action = "pause", seconds = 1' + "0" * 400 + "}", "seconds must be a number"),
        ('{action = "pause", cpus = 1}', "pause takes no cpus"),
        ('{action = "throttle", cpus = 0.001}', "cpus must be between 0.01"),
        ('{action = "throttle", cpus = 0}', "cpus must be between 0.01"),
        ('{action = "squeeze", memory = "0"}', "memory must be between 6 MiB"),
        ('{action = "squeeze", memory = "1k"}', "memory must be between 6 MiB"),
        ('{action = "squeeze", memory = "lots"}', "'lots' is not a size"),
        ('{action = "squeeze", memory = -1}', "memory must be a size"),
        ('{action = "kill", signal = "SIGNAL"}', "unknown signal 'SIGNAL'"),
        ('{action = "kill", signal = 9}', "signal must be a name like SIGTERM"),
        ('{action = "stop", signal = "TERM"}', "stop takes no signal"),
        ("7", "must be one of remove"),
    ],
)  # fmt: skip
def test_impossible_fault_is_refused_with_its_line(fault: str, reason: str) -> None:
    with pytest.raises(SetupError) as caught:
        policy_file.parse(f"[kill]\nwound = false\n\naction = {fault}\n".encode(), "p.toml")
    assert str(caught.value).startswith("p.toml:4: action: ")
    assert reason in str(caught.value)


def test_flags_take_seconds_too() -> None:
    flags = ["--action", "pause:20s", "--weapon", "shotgun=disconnect"]
    policy = options.policy_of(options.serve_parser().parse_args(flags))
    assert policy.fault == Fault(KillAction.PAUSE, 20)
    assert policy.fault_for("shotgun") == Fault(KillAction.DISCONNECT, DEFAULT_SECONDS)


@pytest.mark.parametrize("flags", [["--action", "sleep"], ["--weapon", "pistol=stop:3"], ["--weapon", "spoon=stop"]])
def test_flags_are_refused_in_one_line(flags: list[str]) -> None:
    with pytest.raises(SetupError, match=flags[0]):
        options.policy_of(options.serve_parser().parse_args(flags))


def test_only_actions_that_can_be_undone_take_seconds() -> None:
    for action in (KillAction.REMOVE, KillAction.STOP, KillAction.KILL, KillAction.RESTART):
        with pytest.raises(FaultError, match="cannot be undone"):
            Fault(action, 1.0)
