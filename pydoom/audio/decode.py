"""The program that turns a recorded song into samples, run by `recorded.RecordedSong` as a process of its own.

``python -m pydoom.audio.decode LOOPS < SONG > SAMPLES``: LOOPS is -1 for ever or 0 once; samples are int16 left and
right at 44,100 Hz. SDL_mixer, which pygame brings, plays to SDL's disk driver, which writes as fast as they are read.
Songs come from strangers: what breaks or never ends in a decoder does so here, not in the game.
"""

from __future__ import annotations

import contextlib
import io
import os
import sys
import time
from typing import Final

RATE: Final = 44100
CANNOT_PLAY: Final = 3
"""Exit status when the song is broken or SDL_mixer does not know its format."""
_BUFFER_FRAMES: Final = 2048
_POLL_S: Final = 0.1
_MAX_MEMORY_BYTES: Final = 2 << 30


def main(loops: int) -> int:
    """Play the song on standard input to standard output; returns the exit status."""
    with contextlib.suppress(ImportError, OSError, ValueError):
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (_MAX_MEMORY_BYTES, _MAX_MEMORY_BYTES))
    os.environ.update(
        SDL_AUDIODRIVER="disk",
        SDL_DISKAUDIOFILE="/dev/fd/1",
        SDL_DISKAUDIODELAY="0",
        PYGAME_HIDE_SUPPORT_PROMPT="1",
    )
    import pygame

    parent = os.getppid()
    try:
        pygame.mixer.init(RATE, -16, 2, _BUFFER_FRAMES, allowedchanges=0)
        pygame.mixer.music.load(io.BytesIO(sys.stdin.buffer.read()))
        pygame.mixer.music.play(loops)
    except (pygame.error, MemoryError) as error:
        print(error, file=sys.stderr)
        return CANNOT_PLAY
    # a game that has crashed reads no more
    while pygame.mixer.music.get_busy() and os.getppid() == parent:
        time.sleep(_POLL_S)
    return 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1])))
