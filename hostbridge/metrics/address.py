"""Where a page of figures is served: a port, or a Unix socket."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from hostbridge.model import SetupError

UNIX: Final = "unix:"


def address_of(text: str, option: str = "--metrics") -> tuple[str, int] | Path:
    """``PORT``, ``HOST:PORT`` or ``unix:PATH``. Raises SetupError."""
    if text.startswith(UNIX):
        path = Path(text.removeprefix(UNIX).removeprefix("//"))
        if not path.is_absolute():
            raise SetupError(f"{option} {text}: the path must be absolute")
        return path
    host, _, port = text.rpartition(":")
    if not (port.isascii() and port.isdigit()) or not 0 <= int(port) < 65536:
        raise SetupError(f"{option} {text}: not PORT, HOST:PORT or unix:PATH")
    return host.strip("[]") or "127.0.0.1", int(port)
