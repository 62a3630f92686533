"""The command backend: anything that commands can list and kill."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from hostbridge.backends import command
from hostbridge.backends.command import CommandBackend
from hostbridge.cli import engines, options
from hostbridge.model import Code, KillAction, RequestError, SetupError
from tests.bridges import Bridge, eventually


def script(path: Path, body: str) -> str:
    path.write_text(f"#!{sys.executable}\n{body}")
    path.chmod(0o755)
    return str(path)


def test_targets_come_from_the_list_command_and_go_by_the_kill_command(tmp_path: Path) -> None:
    targets = tmp_path / "targets"
    targets.write_text("id-1 web server\nid-2\n\n-rf /\n$(reboot) x\n")
    kill = script(
        tmp_path / "kill",
        "import pathlib, sys\n"
        f"path = pathlib.Path({str(targets)!r})\n"
        "path.write_text(''.join(l for l in path.open() if not l.startswith(sys.argv[1])))\n",
    )
    backend = CommandBackend(f"cat {targets}", kill)
    backend.poll_seconds = 0.05
    with Bridge(tmp_path, backend) as bridge, bridge.talk() as talk:
        found = {each["id"]: each["name"] for each in talk.ask(type="list")["containers"]}
        assert found == {"id-1": "web server", "id-2": "id-2"}
        assert talk.ask(type="kill", id="id-1")["type"] == "ok"
        assert "id-1" not in targets.read_text()
        targets.write_text("id-3 new\n")
        eventually(lambda: bridge.names() == ["new"])


def test_a_text_kill_spares_what_has_taken_over_the_id_of_what_was_listed(tmp_path: Path) -> None:
    targets, killed = tmp_path / "targets", tmp_path / "killed"
    targets.write_text("10 web\n11 cache\n")
    backend = CommandBackend(f"cat {targets}", script(tmp_path / "kill", f"open({str(killed)!r}, 'w').write('x')\n"))
    backend.poll_seconds = 0.05
    with Bridge(tmp_path, backend) as bridge:
        assert set(bridge.names()) == {"web", "cache"}
        targets.write_text("10 database\n11 cache\n")
        eventually(lambda: bridge.roster.called().get("10") == "database")
        bridge.ask(b"kill web\n")
        bridge.ask(b"kill database\n")
        time.sleep(0.2)
        assert not killed.exists()
        assert set(bridge.names()) == {"database", "cache"}
        bridge.ask(b"kill database\n")
        eventually(killed.exists)


def test_psdoom_s_format_and_a_real_process(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    victim = subprocess.Popen(["sleep", "60"])
    monkeypatch.setenv("PSDOOMPSCMD", f"echo root {victim.pid} sleep 0")
    monkeypatch.setenv("PSDOOMKILLCMD", "kill -9")
    backend = engines.make(options.serve_parser().parse_args(["--backend", "command"]))
    (target,) = backend.list()
    assert (target.id, target.name, target.node) == (str(victim.pid), "sleep", "root")
    assert not backend.can_wound
    backend.act(target, KillAction.REMOVE)
    assert victim.wait(5) == -9


def test_the_id_can_stand_anywhere_and_nothing_passes_through_a_shell(tmp_path: Path) -> None:
    out = tmp_path / "out"
    show = script(tmp_path / "show", f"import sys\nopen({str(out)!r}, 'w').write(repr(sys.argv[1:]))\n")
    backend = CommandBackend("echo a@b:1", f"{show} --target={{id}} '; touch x'")
    backend.act(backend.list()[0], KillAction.REMOVE)
    assert out.read_text() == "['--target=a@b:1', '; touch x']"


def test_a_target_that_changed_its_name_is_not_killed(tmp_path: Path) -> None:
    names = tmp_path / "names"
    names.write_text("7 old\n")
    backend = CommandBackend(f"cat {names}", "false")
    (target,) = backend.list()
    names.write_text("7 another\n")
    with pytest.raises(RequestError) as caught:
        backend.act(target, KillAction.REMOVE)
    assert caught.value.code is Code.NOT_FOUND


def test_failures_are_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(RequestError) as caught:
        CommandBackend("ls /nowhere", "true").list()
    assert caught.value.code is Code.ENGINE_DOWN
    assert "/nowhere" in caught.value.message
    with pytest.raises(RequestError) as caught:
        CommandBackend("/no/such/program", "true").list()
    assert caught.value.code is Code.ENGINE_DOWN
    monkeypatch.setattr("hostbridge.backends.command.TIMEOUT_SECONDS", 0.1)
    with pytest.raises(RequestError, match="did not end"):
        CommandBackend("sleep 20", "true").list()


def listing(tmp_path: Path, body: str) -> CommandBackend:
    return CommandBackend(script(tmp_path / "list", f"import os, subprocess, sys, time\n{body}\n"), "true")


def test_endless_output_is_cut_off(tmp_path: Path) -> None:
    with pytest.raises(RequestError, match="prints more than") as caught:
        listing(tmp_path, "while True: os.write(1, b'id name\\n' * 4096)").list()
    assert caught.value.code is Code.ENGINE_DOWN


def test_endless_errors_cost_nothing(tmp_path: Path) -> None:
    with pytest.raises(RequestError, match="the last word") as caught:
        listing(tmp_path, "os.write(2, b'x' * 50_000_000 + b'\\nthe last word\\n'); sys.exit(1)").list()
    assert len(caught.value.message) < 300


def test_too_many_targets_are_an_error(tmp_path: Path) -> None:
    with pytest.raises(RequestError, match="more than 10000 targets"):
        listing(tmp_path, "print('\\n'.join(f'id{n} name' for n in range(10_001)))").list()


def test_unprintable_characters_stay_out_of_names(tmp_path: Path) -> None:
    found = listing(
        tmp_path, "os.write(1, b'a \\x1b[2Jred\\r\\nb \\xff\\xfe\\nc x\\x85y\\na again\\n' + b'd ' + b'n' * 999)"
    ).list()
    assert [each.id for each in found] == ["a", "b", "c", "d"]
    assert found[0].name == "?[2Jred"
    assert found[2].name == "x\ufffdy"
    assert found[3].name == "n" * 128


def test_a_process_that_a_command_leaves_behind_delays_nothing(tmp_path: Path) -> None:
    ended = tmp_path / "ended"
    (found,) = listing(tmp_path, f"subprocess.Popen(['sh', '-c', 'sleep 8; touch {ended}']); print('id name')").list()
    assert found.id == "id"
    assert not ended.exists()


def test_a_command_that_hangs_is_killed_with_all_its_children(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hostbridge.backends.command.TIMEOUT_SECONDS", 1.0)
    note = tmp_path / "pid"
    body = f"child = subprocess.Popen(['sleep', '60']); open({str(note)!r}, 'w').write(str(child.pid)); child.wait()"
    with pytest.raises(RequestError, match="did not end"):
        listing(tmp_path, body).list()
    status = Path(f"/proc/{note.read_text()}/stat")
    eventually(lambda: not status.exists() or ") Z " in status.read_text())


def test_the_bridge_is_not_its_own_target(monkeypatch: pytest.MonkeyPatch) -> None:
    backend = CommandBackend(
        f"printf 'root {os.getpid()} python 0\\nroot -1 all 0\\nroot 77 web 1\\n'", "true", psdoom=True
    )
    assert [each.id for each in backend.list()] == ["77"]


@pytest.mark.parametrize("commands", [("", "true"), ("true", ""), ("'unclosed", "true")])
def test_commands_are_required(commands: tuple[str, str]) -> None:
    with pytest.raises(SetupError):
        CommandBackend(*commands)


def test_a_target_whose_id_is_reused_for_another_is_not_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "list").write_text("7 web\n")
    killed = tmp_path / "killed"
    backend = CommandBackend(f"cat {tmp_path / 'list'}", f"touch {killed}")
    monkeypatch.setattr(backend, "poll_seconds", 60.0)
    with Bridge(tmp_path, backend) as bridge, bridge.talk() as talk:
        (tmp_path / "list").write_text("7 database\n")  # and nobody has looked since
        assert talk.ask(type="kill", id="7")["code"] == "not-found"
    assert not killed.exists()


def test_a_target_that_takes_its_time_to_end_does_not_come_back_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(command, "END_SECONDS", 0.5)
    (tmp_path / "list").write_text("7 web\n8 db\n")
    backend = CommandBackend(f"cat {tmp_path / 'list'}", "true")
    monkeypatch.setattr(backend, "poll_seconds", 0.05)
    with Bridge(tmp_path, backend) as bridge, bridge.talk() as talk:
        assert talk.ask(type="kill", id="7")["type"] == "ok"
        time.sleep(0.2)
        assert bridge.names() == ["db"]
        eventually(lambda: set(bridge.names()) == {"web", "db"}, 5)  # it has survived
