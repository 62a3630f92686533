"""The original's way to write options: one dash, any case, as in ``-iwad doom.wad -warp 1 3`` (``m_argv.c``)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

_SAME: Final = (
    *("config", "deh", "dehlump", "fast", "file", "fullscreen", "headless", "longtics", "nomonsters", "nosound"),
    *("playdemo", "record", "respawn", "skill", "statdump", "timedemo", "turbo", "version", "warp"),
)
"""Options that differ from ours in the number of dashes only."""

VANILLA_FLAGS: Final = {
    **{f"-{name}": (f"--{name}",) for name in _SAME},
    "-asciidisplay": ("--terminal",),  # dockerdoom's
    "-help": ("--help",),
    "-iwad": ("--wad",),
    "-merge": ("--file",),
    "-nodraw": ("--no-draw",),
    "-nograbmouse": ("--no-grab",),
    "-nomusic": ("--music-volume", "0"),
    "-nosfx": ("--sfx-volume", "0"),
    "-savedir": ("--save-folder",),
    "-window": ("--no-fullscreen",),
}
"""What the original's and Chocolate Doom's flags, in lower case, are called here."""


def modernize(words: Iterable[str]) -> list[str]:
    """The command line with the original's flags as ours; all else as it is."""
    return [ours for word in words for ours in VANILLA_FLAGS.get(word.lower(), (word,))]
