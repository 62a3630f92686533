"""Who may own the files and folders that the bridge trusts: the same rules for policy, audit log, socket and lock."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from hostbridge.cli.main import main
from hostbridge.faults.audit import Audit, AuditError
from hostbridge.host import ownership
from hostbridge.host.sockets import InheritedSocket, ListeningSocket
from hostbridge.model import Container, Peer, SetupError
from hostbridge.policy import file as policy_file

STRANGER = 54321
"""An unused user and group ID."""

needs_root = pytest.mark.skipif(os.getuid() != 0, reason="only root can play somebody else")


def use_policy(folder: Path) -> None:
    policy_file.load(folder / "policy.toml")


def use_log(folder: Path) -> None:
    Audit(str(folder / "log")).close()


def use_socket(folder: Path) -> None:
    ListeningSocket(folder / "s").close()


def use_inherited_socket(folder: Path) -> None:
    made = socket.socket(socket.AF_UNIX)
    made.bind(str(folder / "systemd"))
    made.listen()
    try:
        InheritedSocket(made.detach()).close()
    finally:
        (folder / "systemd").unlink()


users = pytest.mark.parametrize("use", [use_policy, use_log, use_socket, use_inherited_socket])
Use = Callable[[Path], None]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two folders, one in the other, with a policy in the inner one."""
    inner = tmp_path / "outer" / "inner"
    inner.mkdir(parents=True, mode=0o755)
    (inner / "policy.toml").write_text("")
    return inner


@users
def test_files_only_we_can_change_are_trusted(use: Use, folder: Path) -> None:
    use(folder)


@users
@pytest.mark.parametrize("level", [0, 1])
@pytest.mark.parametrize("mode", [0o777, 0o757])
def test_a_parent_folder_that_everyone_can_change_is_refused(use: Use, folder: Path, level: int, mode: int) -> None:
    (folder, folder.parent)[level].chmod(mode)
    with pytest.raises(SetupError, match="can be changed by everyone"):
        use(folder)


@users
@needs_root
@pytest.mark.parametrize("level", [0, 1])
def test_a_parent_folder_that_a_group_can_change_is_refused(use: Use, folder: Path, level: int) -> None:
    at = (folder, folder.parent)[level]
    os.chown(at, 0, STRANGER)
    at.chmod(0o775)
    with pytest.raises(SetupError, match=f"can be changed by group {STRANGER}"):
        use(folder)


@users
@needs_root
@pytest.mark.parametrize("level", [0, 1])
def test_a_parent_folder_that_belongs_to_somebody_else_is_refused(use: Use, folder: Path, level: int) -> None:
    os.chown((folder, folder.parent)[level], STRANGER, 0)
    with pytest.raises(SetupError, match=f"belongs to others \\(user {STRANGER}\\)"):
        use(folder)


@users
@needs_root
def test_a_link_in_the_path_that_belongs_to_somebody_else_is_refused(use: Use, folder: Path, tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to("outer")
    use(link / "inner")
    os.chown(link, STRANGER, STRANGER, follow_symlinks=False)
    with pytest.raises(SetupError, match="belongs to others"):
        use(link / "inner")


@users
def test_a_folder_behind_a_link_is_checked_too(use: Use, folder: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(folder)
    folder.parent.chmod(0o777)
    with pytest.raises(SetupError, match="can be changed by everyone"):
        use(tmp_path / "link")


@users
def test_a_folder_with_a_sticky_bit_may_be_open_to_all(use: Use, folder: Path) -> None:
    folder.chmod(0o1777)
    use(folder)


@pytest.mark.parametrize(("use", "name"), [(use_policy, "policy.toml"), (use_log, "log"), (use_socket, "s.lock")])
@needs_root
def test_a_file_that_somebody_else_made_or_can_change_is_refused(use: Use, name: str, folder: Path) -> None:
    path = folder / name
    path.touch(mode=0o600)
    use(folder)
    path.touch(mode=0o600)
    os.chown(path, STRANGER, 0)
    with pytest.raises(SetupError, match="belongs to others"):
        use(folder)
    os.chown(path, 0, STRANGER)
    path.chmod(0o660)
    with pytest.raises(SetupError, match="changed by group"):
        use(folder)
    path.chmod(0o606)
    with pytest.raises(SetupError, match="changed by everyone"):
        use(folder)


@needs_root
@pytest.mark.parametrize("change", ["owner", "mode", "folder", "swap"])
def test_a_log_that_others_take_over_while_the_bridge_runs_stops_the_killing(folder: Path, change: str) -> None:
    path = folder / "log"
    log = Audit(str(path))
    if change == "owner":
        os.chown(path, STRANGER, 0)
    elif change == "mode":
        path.chmod(0o666)
    elif change == "folder":
        folder.chmod(0o777)
    else:
        path.rename(folder / "log.1")
        path.touch(mode=0o600)
        os.chown(path, STRANGER, STRANGER)
    with pytest.raises(AuditError):
        log.intent(Peer(0, 0, 1), Container("1", "web"), "remove", "", False)
    assert path.read_text() == ""
    log.close()


def test_a_log_with_a_hard_link_elsewhere_is_not_written_to(folder: Path) -> None:
    (folder / "precious").write_text("")
    os.link(folder / "precious", folder / "log")
    with pytest.raises(SetupError, match="hard link"):
        use_log(folder)


@needs_root
def test_the_user_who_called_sudo_is_trusted(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    os.chown(folder / "policy.toml", STRANGER, STRANGER)
    monkeypatch.setenv("SUDO_UID", str(STRANGER))
    use_policy(folder)


@needs_root
def test_a_user_s_private_group_and_a_service_s_count_as_their_own(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    os.chown(folder, 0, STRANGER)
    folder.chmod(0o775)
    monkeypatch.setattr(ownership, "_is_trusted_group", lambda gid, trusted: gid == STRANGER)
    use_log(folder)


def test_groups_count_by_who_is_in_them(monkeypatch: pytest.MonkeyPatch) -> None:
    import grp
    import pwd

    def user(name: str, uid: int, gid: int) -> pwd.struct_passwd:
        return pwd.struct_passwd((name, "x", uid, gid, "", "", ""))

    people = [user("root", 0, 0), user("ann", 1001, 1001), user("bob", 1002, 1002), user("syslog", 104, 110)]
    members = {1001: [], 110: [], 27: ["ann"], 4: ["syslog", "bob"], 10001: []}
    monkeypatch.setattr(pwd, "getpwall", lambda: people)
    monkeypatch.setattr(pwd, "getpwnam", lambda name: next(each for each in people if each.pw_name == name))
    monkeypatch.setattr(grp, "getgrgid", lambda gid: grp.struct_group(("g", "x", gid, members[gid])))
    trusted = {gid: ownership._is_trusted_group(gid, frozenset({0, 1001})) for gid in (*members, 0, 77)}
    assert trusted == {1001: True, 110: True, 27: True, 4: False, 10001: False, 0: True, 77: False}


def test_folders_it_makes_are_its_own_whatever_the_mask(tmp_path: Path) -> None:
    old = os.umask(0)
    try:
        Audit(str(tmp_path / "a" / "b" / "log")).close()
    finally:
        os.umask(old)
    assert [(tmp_path / each).stat().st_mode & 0o777 for each in ("a", "a/b", "a/b/log")] == [0o755, 0o700, 0o600]


@needs_root
def test_policy_check_reads_a_policy_of_somebody_else_and_says_so(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = folder / "policy.toml"
    os.chown(path, STRANGER, STRANGER)
    assert main(["policy", "check", "--backend", "simulated", "--policy", str(path)]) == 0
    assert capsys.readouterr().out.startswith(f"note: the bridge would refuse {path}: not a safe place for a policy")
    assert main(["--backend", "simulated", "--policy", str(path)]) == 2


def test_a_loop_of_links_ends(tmp_path: Path) -> None:
    (tmp_path / "a").symlink_to("b")
    (tmp_path / "b").symlink_to("a")
    with pytest.raises(SetupError):
        use_log(tmp_path / "a")
    with pytest.raises(SetupError):
        policy_file.load(tmp_path / "a")
