"""Who is watching, as x11vnc's hooks report it: the game runs only while somebody is.

x11vnc runs one shell command when a viewer has given the right password, and another when a viewer leaves. Both write a
line into a named pipe; this module reads it and keeps the set of viewers.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from pathlib import Path


class Viewers:
    """The set of connected viewers; `changed(count)` is called from a thread whenever it changes."""

    def __init__(self, pipe: Path, changed: Callable[[int], None]) -> None:
        self._pipe = pipe
        self._changed = changed
        self._present: set[str] = set()
        os.mkfifo(pipe, 0o600)
        # open for writing too, so that the reader never sees an end of file between two hooks
        self._file = os.fdopen(os.open(pipe, os.O_RDWR), "r", encoding="ascii", errors="replace")
        threading.Thread(target=self._read, name="viewers", daemon=True).start()

    def x11vnc_hooks(self) -> list[str]:
        """The x11vnc options that report viewers to this object."""
        return [
            *("-afteraccept", f'echo "+$RFB_CLIENT_ID" >"{self._pipe}"'),
            *("-gone", f'echo "-$RFB_CLIENT_ID" >"{self._pipe}"'),
        ]

    def _read(self) -> None:
        for line in self._file:
            self.note(line.strip())

    def note(self, line: str) -> None:
        """Take one line from a hook: ``+ID`` joined, ``-ID`` left; anything else is ignored."""
        if line.startswith("+"):
            self._present.add(line[1:])
        elif line.startswith("-"):
            self._present.discard(line[1:])
        else:
            return
        self._changed(len(self._present))
