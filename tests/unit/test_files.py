"""Files that are opened to be read, and written atomically."""

import os
import stat
from pathlib import Path

import pytest

from pydoom.files import SHARED, open_to_read, why_not_writable, write_atomically


def permissions(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_the_folder_is_made_and_nothing_else_is_left_there(tmp_path: Path) -> None:
    path = tmp_path / "new" / "folder" / "file"
    write_atomically(path, b"one")
    write_atomically(path, b"two")
    assert path.read_bytes() == b"two"
    assert list(path.parent.iterdir()) == [path]


def test_new_files_are_private_unless_asked_for_and_old_ones_keep_their_permissions(tmp_path: Path) -> None:
    private, shared = tmp_path / "private", tmp_path / "shared"
    write_atomically(private, b"")
    write_atomically(shared, b"", mode=SHARED)
    assert (permissions(private), permissions(shared)) == (0o600, 0o644)
    private.chmod(0o660)
    write_atomically(private, b"again")
    assert permissions(private) == 0o660


def test_a_link_leads_to_the_new_file(tmp_path: Path) -> None:
    (tmp_path / "dotfiles").mkdir()
    kept = tmp_path / "dotfiles" / "pydoom.toml"
    kept.write_bytes(b"old")
    link = tmp_path / "pydoom.toml"
    link.symlink_to(kept)
    write_atomically(link, b"new")
    assert link.is_symlink()
    assert kept.read_bytes() == b"new"


@pytest.mark.parametrize("step", ["fsync", "chmod", "replace"])
def test_whatever_fails_the_old_file_stays_and_nothing_is_left_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"old")

    def fail(*_arguments: object) -> None:
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr(os, step, fail)
    with pytest.raises(OSError, match="No space left"):
        write_atomically(path, b"new")
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_folder_that_can_be_written_or_created_is_fine(tmp_path: Path) -> None:
    assert why_not_writable(tmp_path) == ""
    assert why_not_writable(tmp_path / "new" / "folder") == ""


def test_what_is_wrong_with_a_folder_is_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"")
    assert why_not_writable(file / "below") == f"{file} is not a folder"
    monkeypatch.setattr(os, "access", lambda *_arguments: False)
    assert why_not_writable(tmp_path / "new") == f"no permission to write in {tmp_path}"


def test_only_files_are_opened_to_be_read(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"content")
    with open_to_read(tmp_path / "file") as stream:
        assert stream.read() == b"content"
    os.mkfifo(tmp_path / "pipe")
    for special in (tmp_path / "pipe", Path("/dev/zero")):
        with pytest.raises(OSError, match="a pipe or a device, not a file"):
            open_to_read(special)
    with pytest.raises(IsADirectoryError):
        open_to_read(tmp_path)


def test_no_file_takes_the_place_of_a_pipe_or_a_device(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with pytest.raises(OSError, match="a pipe or a device, not a file"):
        write_atomically(pipe, b"content")
    assert stat.S_ISFIFO(pipe.stat().st_mode)
    assert list(tmp_path.iterdir()) == [pipe]
