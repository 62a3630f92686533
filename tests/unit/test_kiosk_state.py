"""The kiosk's state folder: one for each VNC port, accessible only to its user."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from pydoom.kiosk.errors import KioskError
from pydoom.kiosk.screen import cookie_in, write_cookie
from pydoom.kiosk.state import StateFolder, folder_for


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr("tempfile.gettempdir", lambda: str(tmp_path))
    return tmp_path


def test_only_its_user_can_enter_it_and_it_is_gone_afterwards() -> None:
    with StateFolder(5900) as state:
        for folder in (state.path, state.path.parent):
            assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert not state.path.exists()


def test_a_second_kiosk_on_the_same_port_is_refused_and_the_first_keeps_its_state() -> None:
    with StateFolder(5900) as state:
        (state.path / "ready").touch()
        with pytest.raises(KioskError, match="--vnc-port 5901"):
            StateFolder(5900)
        with StateFolder(5901):
            pass
        assert (state.path / "ready").exists()
    StateFolder(5900).close()


def test_leftovers_of_a_killed_kiosk_are_removed() -> None:
    with StateFolder(5900):
        pass
    folder_for(5900).mkdir()
    (folder_for(5900) / "ready").touch()
    with StateFolder(5900) as state:
        assert not (state.path / "ready").exists()


@pytest.mark.parametrize("kind", ["open to others", "a link", "a file"])
def test_a_folder_prepared_by_others_is_refused(temporary: Path, kind: str) -> None:
    common = folder_for(5900).parent
    if kind == "open to others":
        common.mkdir()
        common.chmod(0o777)
    elif kind == "a link":
        (temporary / "elsewhere").mkdir(mode=0o700)
        common.symlink_to(temporary / "elsewhere")
    else:
        common.touch()
    with pytest.raises((KioskError, FileExistsError)):
        StateFolder(5900)


def test_cookie_file_is_readable_by_its_user_alone_and_new_each_time(temporary: Path) -> None:
    first, second = temporary / "first", temporary / "second"
    write_cookie(first)
    write_cookie(second)
    assert stat.S_IMODE(first.stat().st_mode) == 0o600
    assert len(cookie_in(first)) == 16
    assert cookie_in(first) != cookie_in(second)
    with pytest.raises(FileExistsError):
        write_cookie(first)
