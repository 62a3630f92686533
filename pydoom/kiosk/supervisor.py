"""Starts the virtual screen, the VNC server, the browser page and the game, watches them, and stops them together.

Children run in sessions of their own, so that Ctrl-C reaches only this process, which then ends them in reverse order
and leaves nothing behind.
"""

from __future__ import annotations

import contextlib
import importlib.util
import os
import resource
import shutil
import signal
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Final

from pydoom.kiosk import health, listening, x11vnc
from pydoom.kiosk.errors import KioskError
from pydoom.kiosk.keyboard import LayoutFollower, use_layout
from pydoom.kiosk.listening import Place, is_private, is_wildcard
from pydoom.kiosk.passwords import DEFAULT_PASSWORD, Password
from pydoom.kiosk.screen import Screen, shows_a_frame, start_xvfb
from pydoom.kiosk.state import StateFolder, folder_for

_NOVNC_FOLDERS: Final = (Path("/usr/share/novnc"), Path("/opt/novnc"))
_READY_SECONDS: Final = 60.0
_STOP_SECONDS: Final = 4.0
_X11VNC_STARTS: Final = 5
_X11VNC_WINDOW_SECONDS: Final = 60.0


@dataclass(frozen=True, slots=True)
class KioskSettings:
    """The kiosk's settings. Ports and sizes are plain numbers; `web_port` 0 means no browser page."""

    width_px: int = 640
    height_px: int = 400
    listen: str = "127.0.0.1"
    vnc_port: int = 5900
    web_port: int = 6080
    password: Password = field(default_factory=lambda: Password(DEFAULT_PASSWORD))
    host_names: tuple[str, ...] = ()
    """Names of this machine that browsers may use, besides localhost, its own name and its addresses."""
    always_running: bool = False
    published_vnc_port: int = 0
    published_web_port: int = 0
    """The ports published outside the container; 0 if they are the same."""
    keyboard: str = ""
    """XKB's name of the viewers' keyboard layout; empty for a US keyboard."""
    game_arguments: tuple[str, ...] = ()

    @property
    def vnc_place(self) -> Place:
        """Where VNC viewers connect."""
        return listening.vnc_place(self.listen, self.vnc_port)

    @property
    def web_place(self) -> Place | None:
        """Where browsers connect; None without a page."""
        return listening.web_place(self.listen, self.web_port) if self.web_port else None

    @property
    def state_folder(self) -> Path:
        """The folder of this kiosk's sockets and screen while it runs."""
        return folder_for(self.vnc_port)


class Kiosk:
    """One running kiosk. `run` blocks until a signal comes or one of its processes dies."""

    def __init__(self, settings: KioskSettings) -> None:
        self.settings = settings
        self._children: list[tuple[str, subprocess.Popen[bytes]]] = []
        self._stopping = threading.Event()
        self._game: subprocess.Popen[bytes] | None = None
        self._viewer_count = 0
        self._layouts: LayoutFollower | None = None
        """None if the kiosk was told which layout to have."""
        self._x11vnc: subprocess.Popen[bytes] | None = None
        self._x11vnc_starts: list[float] = []
        """When x11vnc was started recently (`time.monotonic`)."""
        self._x11vnc_socket = settings.state_folder / x11vnc.SOCKET_NAME
        self._sound_socket = settings.state_folder / "sound"
        self._kill_note = settings.state_folder / "kill-note"
        self._has_page = False

    def run(self) -> int:
        """Start everything and wait. Returns the exit status: 0 after a signal, 1 when one of its processes died.

        Raises `KioskError` before anything is started when a program is missing or a port is taken.
        """
        self._check()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: self._stopping.set())
        # libvncserver loops over every descriptor up to the soft limit whenever a viewer connects
        _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(1024, hard), hard))
        with StateFolder(self.settings.vnc_port):
            try:
                self._start()
                return self._watch()
            finally:
                self._stop()

    def _check(self) -> None:
        missing = missing_packages()
        if missing:
            raise KioskError(f"not installed: {', '.join(missing)} (Debian: apt install {' '.join(missing)})")
        if importlib.util.find_spec("cryptography") is None:
            raise KioskError("cryptography is not installed (pip install 'pydoom-containers[kiosk]')")
        for flag, place in (("--vnc-port", self.settings.vnc_place), ("--web-port", self.settings.web_place)):
            if place is not None and place.is_taken():
                other = "another folder with --listen" if place.is_file else f"another with {flag} {place.port + 1}"
                raise KioskError(f"{place} is already in use: choose {other}")

    def _start(self) -> None:
        settings = self.settings
        lacking = _missing_for_page() if settings.web_port else None
        self._has_page = bool(settings.web_port) and lacking is None
        if lacking is not None:
            print(f"pydoom: no browser page: {lacking}", flush=True)
        screen = start_xvfb(settings.width_px, settings.height_px, settings.state_folder)
        self._screen = screen
        self._children.append(("Xvfb", screen.process))
        if settings.keyboard:
            use_layout(screen, settings.keyboard)
        else:
            self._layouts = LayoutFollower(screen)
        self._start_game(screen)
        self._start_x11vnc()
        self._start_front()
        self._wait_until_ready()
        self._announce()

    def _start_game(self, screen: Screen) -> None:
        heartbeat = self.settings.state_folder / health.HEARTBEAT_NAME
        command = [sys.executable, "-m", "pydoom", "--kiosk", *self.settings.game_arguments]
        command += ["--heartbeat", str(heartbeat), "--kill-note", str(self._kill_note)]
        if self._has_page:
            command += ["--sound-socket", str(self._sound_socket)]
        if not self.settings.always_running and not self._viewer_count:
            command.append("--start-paused")
        environment = os.environ | screen.environment() | {"SDL_VIDEODRIVER": "x11"}
        environment.setdefault("SDL_AUDIODRIVER", "dummy")
        self._game = self._spawn("game", command, environment)

    def _start_x11vnc(self) -> None:
        self._x11vnc_socket.unlink(missing_ok=True)
        screen = self._screen
        self._x11vnc = self._spawn("x11vnc", x11vnc.command(screen.display, screen.xauthority, self._x11vnc_socket))

    def _start_front(self) -> None:
        settings = self.settings
        command = [
            *(sys.executable, "-m", "pydoom.kiosk.front", "--listen", settings.listen),
            *("--vnc-port", str(settings.vnc_port), "--x11vnc", str(self._x11vnc_socket)),
            *(["--random-password"] if settings.password.is_new else []),
        ]
        if self._has_page:
            command += ["--web-port", str(settings.web_port), "--novnc", str(find_novnc())]
            command += ["--sound-socket", str(self._sound_socket), "--kill-note", str(self._kill_note)]
            command += [f"--host-name={name}" for name in settings.host_names]
        front = self._spawn("front", command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        if front.stdin is not None:
            with front.stdin, contextlib.suppress(BrokenPipeError):
                front.stdin.write(settings.password.text.encode() + b"\n")
        threading.Thread(target=self._count_viewers, args=(front.stdout,), name="viewers", daemon=True).start()

    def _count_viewers(self, told: IO[bytes]) -> None:
        """Read what the front prints: the number of viewers whenever it changes, and layouts of keyboards."""
        for line in told:
            text = line.decode().strip()
            if text.isdecimal():
                self._viewers_changed(int(text))
            elif self._layouts is not None:
                self._layouts.want(text)

    def _spawn(
        self,
        name: str,
        command: list[str],
        environment: dict[str, str] | None = None,
        stdin: int = subprocess.DEVNULL,
        stdout: int | None = None,
    ) -> subprocess.Popen[bytes]:
        quiet = subprocess.DEVNULL if name == "x11vnc" else None
        child = subprocess.Popen(
            command, env=environment, stdin=stdin, stdout=stdout or quiet, stderr=quiet, start_new_session=True
        )
        self._children.append((name, child))
        return child

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + _READY_SECONDS
        while not self._stopping.is_set():
            self._care_for_x11vnc()
            self._check_children()
            if shows_a_frame(self.settings.state_folder) and self._answers():
                web = self.settings.web_place if self._has_page else None
                health.ReadyKiosk(self._screen.display, self.settings.vnc_place, web).write(self.settings.state_folder)
                return
            if time.monotonic() > deadline:
                raise KioskError(f"the game showed no frame within {_READY_SECONDS:.0f} seconds")
            self._stopping.wait(0.1)

    def _answers(self) -> bool:
        places = [self.settings.vnc_place, self.settings.web_place if self._has_page else None]
        return self._x11vnc_socket.exists() and all(place.is_taken() for place in places if place is not None)

    def _announce(self) -> None:
        for line in announcement(self.settings, self._has_page):
            print(f"pydoom: {line}", flush=True)

    def _viewers_changed(self, count: int) -> None:
        before, self._viewer_count = self._viewer_count, count
        if self.settings.always_running or self._game is None or bool(before) == bool(count):
            return
        with contextlib.suppress(ProcessLookupError):
            self._game.send_signal(signal.SIGUSR1 if count else signal.SIGUSR2)

    def _watch(self) -> int:
        while not self._stopping.wait(0.2):
            health.still_running(self.settings.state_folder)
            if self._game is not None and self._game.poll() == 0:
                # a player chose Quit: start again, as an arcade machine does
                self._forget(self._game)
                self._start_game(self._screen)
            self._care_for_x11vnc()
            self._check_children()
        return 0

    def _care_for_x11vnc(self) -> None:
        """Replace an x11vnc that has exited or is worn out; everything else goes on, and browsers reconnect."""
        old = self._x11vnc
        if old is None or (old.poll() is None and not x11vnc.is_worn_out(old.pid, self._viewer_count)):
            return
        now = time.monotonic()
        self._x11vnc_starts = [start for start in self._x11vnc_starts if now - start < _X11VNC_WINDOW_SECONDS]
        if len(self._x11vnc_starts) >= _X11VNC_STARTS:
            raise KioskError(f"x11vnc exited {_X11VNC_STARTS} times within {_X11VNC_WINDOW_SECONDS:.0f} seconds")
        self._x11vnc_starts.append(now)
        print("pydoom: restarting the VNC server", flush=True)
        _end(old)
        self._forget(old)
        self._start_x11vnc()

    def _forget(self, child: subprocess.Popen[bytes]) -> None:
        self._children = [(name, other) for name, other in self._children if other is not child]

    def _check_children(self) -> None:
        for name, child in self._children:
            status = child.poll()
            if status is not None and name != "x11vnc" and not (name == "game" and status == 0):
                raise KioskError(f"{name} ended with status {status}")

    def _stop(self) -> None:
        for _, child in reversed(self._children):
            with contextlib.suppress(ProcessLookupError):
                child.terminate()
        deadline = time.monotonic() + _STOP_SECONDS
        for _, child in reversed(self._children):
            _end(child, max(0.1, deadline - time.monotonic()))


def _end(child: subprocess.Popen[bytes], seconds: float = 1.0) -> None:
    """Make sure that a process ends: kill it if it has not ended within `seconds`."""
    with contextlib.suppress(ProcessLookupError):
        child.terminate()
    try:
        child.wait(seconds)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()


def announcement(settings: KioskSettings, has_page: bool) -> list[str]:
    """What the log says when all is ready: where to connect, with which password, and where the containers are.

    A password that the user has set is not logged.
    """
    vnc_port = settings.published_vnc_port or settings.vnc_port
    is_as_inside = not settings.vnc_place.is_file and vnc_port == settings.vnc_port
    lines = [f"VNC on port {vnc_port} of {settings.listen if is_as_inside else 'localhost'}"]
    if has_page:
        host = "localhost" if is_private(settings.listen) or is_wildcard(settings.listen) else settings.listen
        lines.append(f"browser page on http://{host}:{settings.published_web_port or settings.web_port}/")
    password = settings.password
    if password.is_new:
        lines.append(f"the VNC password is {password.text}, made for this run; VNC_PASSWORD sets another")
    elif password.text == DEFAULT_PASSWORD:
        lines.append(f"the VNC password is the default, {DEFAULT_PASSWORD}; set VNC_PASSWORD")
    else:
        lines.append("the VNC password is the one in VNC_PASSWORD")
    if any(argument.partition("=")[0] == "--bridge" for argument in settings.game_arguments):
        lines.append("every container is a monster: F1 says where they are, TAB twice lists them, N turns hints off")
    return lines


def missing_packages() -> list[str]:
    """The Debian packages that the kiosk needs and that are not installed."""
    programs = {"Xvfb": "xvfb", "x11vnc": "x11vnc"}
    return [package for program, package in programs.items() if shutil.which(program) is None]


def find_novnc() -> Path | None:
    """The folder noVNC is installed in."""
    return next((folder for folder in _NOVNC_FOLDERS if (folder / "core" / "rfb.js").is_file()), None)


def _missing_for_page() -> str | None:
    """What the browser page lacks and how to get it; None when it has everything."""
    if find_novnc() is None:
        return "noVNC is not installed (Debian: apt install novnc)"
    if importlib.util.find_spec("aiohttp") is None:
        return "aiohttp is not installed (pip install 'pydoom-containers[kiosk]')"
    return None
