"""Which containers the bridge shows and which it would kill."""

import codecs
from pathlib import Path

import pytest

from hostbridge.backends.simulated import SimulatedBackend
from hostbridge.cli import options, policy_check
from hostbridge.cli.main import main
from hostbridge.fault import Fault
from hostbridge.model import Container, KillAction, SetupError
from hostbridge.policy import file as policy_file
from hostbridge.policy.rules import Policy
from hostbridge.policy.selectors import Selector
from tests.bridges import Bridge, eventually
from tests.conftest import ROOT

WEB = Container("a" * 64, "web-1", "nginx:1.27", service="web",
                labels={"tier": "front", "com.docker.compose.project": "shop"})  # fmt: skip


def with_label(key: str, value: str) -> Container:
    return Container("b" * 64, "other", labels={key: value})


def test_everything_is_a_target_by_default() -> None:
    verdict = Policy().judge(WEB)
    assert (verdict.listed, verdict.protected) == (True, False)
    assert Policy().fault_for("shotgun") == Fault.of(KillAction.REMOVE)


@pytest.mark.parametrize("text", ["web-*", "name=web-?", "label=tier", "service=web", "label=tier=fr*", "image=nginx:*",
                                  "project=shop"])  # fmt: skip
def test_a_selector_matches(text: str) -> None:
    assert Selector.parse(text).matches(WEB)


@pytest.mark.parametrize(
    "text", ["WEB-*", "web", "label=front", "label=tier=back", "service=api", "image=nginx", "project=", "name=api"]
)
def test_a_selector_does_not_match(text: str) -> None:
    if text.endswith("="):
        with pytest.raises(SetupError):
            Selector.parse(text)
    else:
        assert not Selector.parse(text).matches(WEB)


@pytest.mark.parametrize("text", ["", "=", "label==x", "name="])
def test_an_empty_selector_is_refused(text: str) -> None:
    with pytest.raises(SetupError):
        Selector.parse(text)


@pytest.mark.parametrize("text", ["lable=tier=db", "Image=postgres:*", "NAME=web", "tier=front", "names=web"])
def test_an_unknown_kind_of_selector_is_refused(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SetupError, match=f"unknown selector '{text.split('=')[0]}'"):
        Selector.parse(text)
    assert main(["--protect", text]) == 2
    assert "known are name=, image=, project=, service=, label=" in capsys.readouterr().err


def test_include_lists_only_what_it_matches_and_exclude_wins() -> None:
    policy = Policy(include=(Selector.parse("web-*"),), exclude=(Selector.parse("label=tier=front"),))
    assert not policy.judge(WEB).listed
    assert Policy(include=(Selector.parse("web-*"),)).judge(WEB).listed
    assert not Policy(include=(Selector.parse("db-*"),)).judge(WEB).listed


@pytest.mark.parametrize("role", ["game", "bridge", ""])
def test_the_project_s_own_containers_are_never_listed(role: str) -> None:
    verdict = Policy().judge(with_label("pydoom.role", role))
    assert (verdict.listed, verdict.protected) == (False, True)


def test_the_bridge_s_own_container_is_never_listed() -> None:
    verdict = Policy().with_own(WEB.id, "").judge(WEB)
    assert (verdict.listed, verdict.protected) == (False, True)
    assert Policy().with_own("").judge(WEB).listed


@pytest.mark.parametrize(
    ("value", "protected"), [("true", True), ("1", True), ("", True), ("false", False), ("no", False)]
)
def test_the_protect_label_shows_but_protects(value: str, protected: bool) -> None:
    verdict = Policy().judge(with_label("pydoom.protect", value))
    assert (verdict.listed, verdict.protected) == (True, protected)


def test_protect_rules_show_but_protect() -> None:
    verdict = Policy(protect=(Selector.parse("image=nginx*"),)).judge(WEB)
    assert (verdict.listed, verdict.protected) == (True, True)
    assert "image=nginx*" in verdict.reason


def test_only_labelled_needs_the_label() -> None:
    policy = Policy(only_labelled=True)
    assert not policy.judge(WEB).listed
    assert policy.judge(with_label("pydoom.target", "true")).listed
    assert not policy.judge(with_label("pydoom.target", "false")).listed


def test_weapons_may_mean_different_things_and_clients_may_ask_for_no_others() -> None:
    policy = Policy(fault=Fault.of(KillAction.STOP), weapons={"fist": Fault.of(KillAction.PAUSE)})
    assert policy.fault_for("fist") == Fault.of(KillAction.PAUSE)
    assert policy.fault_for("chainsaw") == Fault.of(KillAction.STOP)
    assert {fault.action for fault in policy.faults()} == {KillAction.PAUSE, KillAction.STOP}


def test_only_harmless_labels_are_shown() -> None:
    container = Container("1", "x", labels={"pydoom.monster": "imp", "secret": "1234"})
    assert Policy().visible_labels(container) == {"pydoom.monster": "imp"}


WHOLE = """
[containers]
include = ["shop-*", "label=tier=front"]
protect = ["image=postgres:*"]
only_labelled = false
show_labels = ["team"]

[kill]
action = "stop"
per_minute = 30
budget = 100
wound = true

[kill.weapons]
fist = "pause"
"rocket launcher" = "remove"
"""


def test_a_whole_policy_file() -> None:
    policy = policy_file.parse(WHOLE.encode())
    assert [str(each) for each in policy.include] == ["name=shop-*", "label=tier=front"]
    assert policy.weapons == {"fist": Fault.of(KillAction.PAUSE), "rocket launcher": Fault.of(KillAction.REMOVE)}
    assert (policy.fault.action, policy.kills_per_minute, policy.kill_budget, policy.wound) == (
        KillAction.STOP,
        30,
        100,
        True,
    )
    assert "team" in policy.show_labels


def test_the_mark_that_windows_editors_put_first_is_not_part_of_the_policy() -> None:
    assert policy_file.parse(codecs.BOM_UTF8 + b"[kill]\r\ndry_run = true\r\n").dry_run


def test_an_empty_policy_is_the_default() -> None:
    assert policy_file.parse(b"") == Policy()


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        ("[containers]\ninclude = 3\n", 2, "list of strings"),
        ("[kill]\n\naction = 'explode'\n", 3, "'explode' is not one of"),
        ("[kill]\nper_minute = -1\n", 2, "number"),
        ("[kill]\nper_minute = true\n", 2, "number"),
        ("[kill]\nbudgets = 1\n", 2, "unknown key budgets"),
        ("\n[kills]\n", 2, "unknown table [kills]"),
        ("kill = 3\n", 1, "must be a table"),
        ("[containers]\nexclude = [\n  'ok',\n  'label=',\n]\n", 4, "empty selector"),
        ("[kill.weapons]\nfist = 'pause'\nspoon = 'stop'\n", 3, "unknown weapon 'spoon'"),
        ("[kill]\naction = \n", 2, "Invalid value"),
        ("[kill]\naction = 'stop'\n[kill]\n", 3, ""),
        ("[kill]\ndry_run = 1\n", 2, "true or false"),
        ("[containers]\nonly_labelled = 'yes'\n", 2, "true or false"),
        ("kill.action = 'explode'\n", 1, "is not one of"),
        ("[containers]\nprotect = [\n  'web',\n  'lable=tier=db',\n]\n", 4, "unknown selector 'lable'"),
        ("[kill]\nper_minute = " + "9" * 5000, 2, "a number with too many digits"),
        ("[containers]\ninclude = " + "[" * 5000, 2, "nested too deeply"),
        ("[containers]\ninclude = [\n" + "{a = [\n" * 5000, 5002, "nested too deeply"),
    ],
)
def test_a_bad_policy_is_refused_with_file_line_and_reason(tmp_path: Path, text: str, line: int, reason: str) -> None:
    path = tmp_path / "policy.toml"
    path.write_text(text)
    with pytest.raises(SetupError) as caught:
        policy_file.load(path)
    assert str(caught.value).startswith(f"{path}:{line}: ")
    assert reason in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("data", [b"\xff\xfe", b"[kill]\n\xff"])
def test_a_policy_must_be_utf_8(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "policy.toml"
    path.write_bytes(data)
    with pytest.raises(SetupError, match="not UTF-8"):
        policy_file.load(path)


def test_a_missing_policy_stops_the_bridge_with_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--policy", "/nowhere/policy.toml"]) == 2
    assert capsys.readouterr().err == "hostbridge: /nowhere/policy.toml: No such file or directory\n"


def test_flags_add_to_the_file(tmp_path: Path) -> None:
    path = tmp_path / "policy.toml"
    path.write_text(WHOLE)
    flags = ["--policy", str(path), "--include", "more", "--action", "kill", "--weapon", "pistol=restart", "--dry-run"]
    policy = options.policy_of(options.serve_parser().parse_args([*flags, "--kill-budget", "7"]))
    assert len(policy.include) == 3
    assert (policy.fault.action, policy.dry_run, policy.kill_budget) == (KillAction.KILL, True, 7)
    assert policy.weapons["pistol"] == Fault.of(KillAction.RESTART)
    assert policy.weapons["fist"] == Fault.of(KillAction.PAUSE)


def test_policy_check_explains_every_container() -> None:
    policy = Policy(
        exclude=(Selector.parse("secret"),),
        protect=(Selector.parse("db"),),
        weapons={"fist": Fault.of(KillAction.PAUSE)},
    )
    containers = [Container(name, name, created=number) for number, name in enumerate(["web", "db", "secret"])]
    assert policy_check.explain(policy, containers, {}) == [
        "secret  hidden     excluded by name=secret",
        "db      protected  protected by name=db",
        "web     target     nothing protects it; a kill means remove, fist: pause",
    ]


def test_policy_check_points_out_rules_that_match_nothing() -> None:
    policy = Policy(include=(Selector.parse("web"),), protect=(Selector.parse("db"), Selector.parse("label=tier=db")))
    containers = [Container("1", "web"), Container("2", "db")]
    assert policy_check.idle_rules(policy, containers) == ["note: protect label=tier=db matches no container now"]


def test_policy_check_prints_no_escape_sequences(capsys: pytest.CaptureFixture[str]) -> None:
    flags = ["--backend", "command", "--list-command", "printf '1 web\\033[2J\\n'", "--kill-command", "true"]
    assert main(["policy", "check", *flags, "--protect", "label=a\x1b[2J"]) == 0
    assert "\x1b" not in capsys.readouterr().out


def test_policy_check_runs_against_an_engine(capsys: pytest.CaptureFixture[str]) -> None:
    flags = ["--backend", "simulated", "--fleet", "3", "--churn", "0", "--dry-run"]
    assert main(["policy", "check", *flags]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 3
    assert all("target" in line and "dry run" in line for line in lines)


def test_an_endless_policy_is_refused() -> None:
    with pytest.raises(SetupError, match="longer than"):
        policy_file.load(Path("/dev/zero"))


def test_a_policy_swapped_while_the_bridge_runs_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "policy.toml"
    path.write_text('[containers]\nprotect = ["*"]\n')
    backend = SimulatedBackend(2, churn=0)
    with Bridge(tmp_path, backend, policy_file.load(path)) as bridge, bridge.talk() as talk:
        path.write_text("")
        path.unlink()
        path.symlink_to("/dev/null")
        assert [talk.ask(type="kill", id=each.id)["code"] for each in backend.list()] == ["protected"] * 2
        late = backend.create("late")
        eventually(lambda: bridge.roster.get(late.id))
        assert talk.ask(type="kill", id=late.id)["code"] == "protected"
        assert backend.killed == []


def test_containers_of_our_own_images_are_never_monsters() -> None:
    # an image's labels are its containers' too, by any name and without compose
    labels = [line for line in (ROOT / "Dockerfile").read_text().splitlines() if line.startswith("LABEL ")]
    assert [line.split("pydoom.role=")[1].split()[0] for line in labels] == ['"bridge"', '"game"']
