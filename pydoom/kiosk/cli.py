"""The kiosk's command line; everything after ``--`` goes to the game."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from pydoom.kiosk.errors import KioskError
from pydoom.kiosk.screen import shows_a_picture
from pydoom.kiosk.supervisor import DEFAULT_PASSWORD, Kiosk, Settings


def main(arguments: list[str] | None = None) -> int:
    """Run the kiosk or its health check. Returns the exit status: 2 for a user's error, 1 when unhealthy."""
    options = _parser().parse_args(arguments)
    settings = _settings(options)
    if options.health:
        return 0 if is_healthy(settings.state_folder) else 1
    try:
        return Kiosk(settings).run()
    except (KioskError, OSError) as error:
        print(f"pydoom: {error}", file=sys.stderr)
        return 2


def is_healthy(state_folder: Path) -> bool:
    """Whether the VNC server is up and the game's picture is on the screen."""
    return (state_folder / "ready").exists() and shows_a_picture(state_folder)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m pydoom.kiosk", description=__doc__)
    parser.add_argument("--listen", default="127.0.0.1", help="address for VNC and the browser page")
    parser.add_argument("--vnc-port", type=int, default=5900)
    parser.add_argument("--web-port", type=int, default=6080, help="0 for no browser page")
    parser.add_argument(
        "--host-name", metavar="NAME", action="append", default=[], help="another name under which the page is reached"
    )
    parser.add_argument("--size", default="640x400", type=_size, help="of the virtual screen, such as 640x400")
    parser.add_argument("--always-running", action="store_true", help="do not pause while nobody watches")
    parser.add_argument("--health", action="store_true", help="exit 0 if a running kiosk shows the game's picture")
    parser.add_argument("game", nargs="*", metavar="GAME-OPTION", help="options for the game, after --")
    return parser


def _settings(options: argparse.Namespace) -> Settings:
    width, height = options.size
    return Settings(
        width_px=width,
        height_px=height,
        listen=options.listen,
        vnc_port=options.vnc_port,
        web_port=options.web_port,
        password=os.environ.get("VNC_PASSWORD") or DEFAULT_PASSWORD,
        host_names=tuple(options.host_name),
        always_running=options.always_running,
        game_arguments=tuple(options.game),
    )


def _size(text: str) -> tuple[int, int]:
    width, _, height = text.partition("x")
    if not (width.isdigit() and height.isdigit() and 320 <= int(width) <= 4096 and 200 <= int(height) <= 4096):
        raise argparse.ArgumentTypeError(f"{text!r} is not a size such as 640x400")
    return int(width), int(height)
