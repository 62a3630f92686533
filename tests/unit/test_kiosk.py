"""The parts of the kiosk that need no X server."""

import argparse
import os
import struct
import subprocess
import sys
from pathlib import Path

import pytest

from pydoom.kiosk import cli, x11vnc
from pydoom.kiosk.cli import _size
from pydoom.kiosk.errors import KioskError
from pydoom.kiosk.keyboard import is_layout
from pydoom.kiosk.passwords import Password
from pydoom.kiosk.screen import FRAMEBUFFER_NAME, screen_pixels, shows_a_frame
from pydoom.kiosk.supervisor import Kiosk, KioskSettings, announcement


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

    def test_folder_for_sockets_is_announced_as_the_ports_that_are_forwarded_to_it(self) -> None:
        settings = KioskSettings(listen="/run/kiosk", published_vnc_port=5900, published_web_port=6080)
        assert announcement(settings, has_page=True)[:2] == [
            "VNC on port 5900 of localhost",
            "browser page on http://localhost:6080/",
        ]

    def test_a_new_password_is_logged_beside_the_address(self) -> None:
        password = Password("k3m9x2pq", is_new=True)
        lines = announcement(KioskSettings(listen="192.168.1.20", password=password), has_page=True)
        assert lines[1] == "browser page on http://192.168.1.20:6080/"
        assert "k3m9x2pq" in lines[2]

    def test_a_chosen_password_is_not_logged(self) -> None:
        assert not any(
            "secret" in line for line in announcement(KioskSettings(password=Password("secret")), has_page=False)
        )

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


class TestX11vnc:
    def test_it_listens_on_a_unix_socket_alone_and_takes_no_orders(self) -> None:
        command = x11vnc.command(":7", Path("/state/xauthority"), Path("/state/x11vnc"))
        assert command[:7] == ["x11vnc", "-display", ":7", "-auth", "/state/xauthority", "-unixsock", "/state/x11vnc"]
        assert command[command.index("-rfbport") + 1] == "0"
        assert command[command.index("-rfbportv6") + 1] == "-1"
        assert {"-safer", "-nocmds"} <= set(command)

    @pytest.mark.parametrize(
        ("files", "viewers", "worn"), [(60, 0, False), (70, 0, True), (70, 1, False), (600, 1, True)]
    )
    def test_it_is_worn_out_when_it_loses_file_descriptors(self, files: int, viewers: int, worn: bool) -> None:
        # a process of its own: how many files pytest's has open depends on the tests before this one
        opening = f"[os.open('/dev/null', 0) for _ in range({files} - len(os.listdir('/proc/self/fd')) + 1)]"
        program = f"import os, sys; {opening}; print('open', flush=True); sys.stdin.read()"
        with subprocess.Popen([sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
            assert other.stdout is not None and other.stdout.readline() == b"open\n"
            assert len(os.listdir(f"/proc/{other.pid}/fd")) == files
            assert x11vnc.is_worn_out(other.pid, viewers) is worn
            other.communicate()

    def test_one_that_has_ended_is_not(self) -> None:
        assert not x11vnc.is_worn_out(2**22 + 1, 0)


@pytest.mark.parametrize(
    ("layout", "right"), [("fr", True), ("us(dvorak)", True), ("", False), ("fr,-x", False), ("../x", False)]
)
def test_keyboard_layouts_have_xkb_s_names(layout: str, right: bool) -> None:
    assert is_layout(layout) == right


def test_keyboard_with_a_malformed_name_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["--keyboard", "-option"]) == 2
    assert cli.main(["--keyboard", "fr;x"]) == 2
    assert "is not a layout such as fr, de or us(dvorak)" in capsys.readouterr().err
