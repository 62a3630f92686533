"""The parts of the kiosk that need no X server."""

import argparse
import struct
from pathlib import Path

import pytest

from pydoom.kiosk import cli
from pydoom.kiosk.cli import _size
from pydoom.kiosk.errors import KioskError
from pydoom.kiosk.screen import FRAMEBUFFER_NAME, screen_pixels, shows_a_frame
from pydoom.kiosk.supervisor import Kiosk, KioskSettings, announcement
from pydoom.kiosk.viewers import Viewers


def write_frame_buffer(folder: Path, pixels: bytes, width: int, height: int) -> None:
    header = [100, 7, 2, 24, width, height, 0, 0, 32, 0, 32, 32, width * 4, 4, 0, 0, 0, 8, 256, 2, 0, 0, 0, 0, 0]
    (folder / FRAMEBUFFER_NAME).write_bytes(struct.pack(">25I", *header) + bytes(2 * 12) + pixels)


def test_frame_buffer_file_gives_the_pixels_behind_header_and_colours(tmp_path: Path) -> None:
    pixels = bytes(range(8)) * 2
    write_frame_buffer(tmp_path, pixels, 2, 2)
    assert screen_pixels(tmp_path) == (2, 2, pixels)


def test_black_screen_is_not_a_frame(tmp_path: Path) -> None:
    write_frame_buffer(tmp_path, bytes(640 * 400 * 4), 640, 400)
    assert not shows_a_frame(tmp_path)


def test_many_colours_are_a_frame(tmp_path: Path) -> None:
    write_frame_buffer(tmp_path, bytes(i * 7 & 0xFF for i in range(640 * 400 * 4)), 640, 400)
    assert shows_a_frame(tmp_path)


def test_missing_screen_is_not_a_frame(tmp_path: Path) -> None:
    assert not shows_a_frame(tmp_path)


def test_viewers_are_counted_by_id_and_garbage_is_ignored(tmp_path: Path) -> None:
    counts: list[int] = []
    viewers = Viewers(tmp_path / "pipe", counts.append)
    for line in ("+1", "+2", "garbage", "-1", "-1", "-2"):
        viewers.note(line)
    assert counts == [1, 2, 1, 1, 0]


@pytest.mark.parametrize("password", ["", "123456789", "#hidden", "__x", "a\nb"])
def test_passwords_that_vnc_or_x11vnc_would_misread_are_refused(password: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.which", lambda program: program)
    with pytest.raises(KioskError, match="password"):
        Kiosk(KioskSettings(password=password)).run()


def test_missing_programs_are_named_with_their_packages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.which", lambda program: None)
    with pytest.raises(KioskError, match="apt install xvfb x11vnc"):
        Kiosk(KioskSettings()).run()


@pytest.mark.parametrize("text", ["", "640", "640x", "axb", "10x10", "99999x400"])
def test_absurd_screen_sizes_are_refused(text: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError):
        _size(text)


class TestAnnouncement:
    def test_open_ports_and_the_default_password_are_announced(self) -> None:
        assert announcement(KioskSettings(vnc_port=5911, web_port=6081), has_page=True) == [
            "VNC on port 5911 of 127.0.0.1",
            "browser page on http://localhost:6081/",
            "the VNC password is the default, 1234; set VNC_PASSWORD",
        ]

    def test_ports_are_announced_as_published_outside_the_container(self) -> None:
        settings = KioskSettings(listen="0.0.0.0", published_vnc_port=5901, published_web_port=6081)
        assert announcement(settings, has_page=True)[:2] == [
            "VNC on port 5901 of localhost",
            "browser page on http://localhost:6081/",
        ]

    def test_a_chosen_password_is_not_logged(self) -> None:
        assert not any("secret" in line for line in announcement(KioskSettings(password="secret"), has_page=False))

    @pytest.mark.parametrize("flags", [("--bridge", "simulated"), ("--bridge=simulated",)])
    def test_containers_are_announced_only_with_a_bridge(self, flags: tuple[str, ...]) -> None:
        assert not any("container" in line for line in announcement(KioskSettings(), has_page=True))
        last = announcement(KioskSettings(game_arguments=flags), has_page=True)[-1]
        assert "F1 says where they are" in last

    @pytest.mark.parametrize(("value", "port"), [("5901", 5901), ("5901-5910", 0), ("", 0), ("99999", 0)])
    def test_an_invalid_published_port_is_not_announced(
        self, monkeypatch: pytest.MonkeyPatch, value: str, port: int
    ) -> None:
        monkeypatch.setenv("PUBLISHED_VNC_PORT", value)
        assert cli._settings(cli._parser().parse_args([])).published_vnc_port == port
