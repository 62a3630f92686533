"""Turns a recorded song into samples; `recorded.RecordedSong` runs this module as a separate process.

``python -m pydoom.audio.decode LOOPS < SONG > SAMPLES``: LOOPS is -1 (forever) or 0 (once); samples are int16, left and
right at 44,100 Hz. SDL_mixer, which pygame brings, plays to SDL's disk driver, which writes as fast as it is read. The
driver starts before the song does, so it writes to a pipe that is not read until then. Songs come from strangers: a
decoder that crashes or hangs does so here, not in the game.
"""

from __future__ import annotations

import contextlib
import io
import os
import sys
from collections.abc import Callable
from typing import Final

RATE: Final = 44100
CANNOT_PLAY: Final = 3
"""Exit status when the song is broken or SDL_mixer does not know its format."""
_BUFFER_FRAMES: Final = 2048
_PIPE_BYTES: Final = 1 << 16
"""What a pipe holds, and a little of the song's end may be in."""
_MAX_MEMORY_BYTES: Final = 2 << 30


def main(loops: int) -> int:
    """Play the song on standard input to standard output; returns the exit status."""
    with contextlib.suppress(ImportError, OSError, ValueError):
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (_MAX_MEMORY_BYTES, _MAX_MEMORY_BYTES))
    samples, driver = os.pipe()
    os.environ.update(
        SDL_AUDIODRIVER="disk",
        SDL_DISKAUDIOFILE=f"/dev/fd/{driver}",
        SDL_DISKAUDIODELAY="0",
        PYGAME_HIDE_SUPPORT_PROMPT="1",
    )
    import pygame

    try:
        pygame.mixer.init(RATE, -16, 2, _BUFFER_FRAMES, allowedchanges=0)
        pygame.mixer.music.load(io.BytesIO(sys.stdin.buffer.read()))
        pygame.mixer.music.play(loops)
    except (pygame.error, MemoryError) as error:
        print(error, file=sys.stderr, flush=True)
        return CANNOT_PLAY
    with contextlib.suppress(BrokenPipeError):
        _copy(samples, pygame.mixer.music.get_busy)
    return 0


def _copy(samples: int, playing: Callable[[], bool]) -> None:
    """Copy what the driver writes, to the song's end or until nobody reads any more."""
    left = 2 * _PIPE_BYTES
    while left > 0:
        piece = os.read(samples, _PIPE_BYTES)
        sys.stdout.buffer.write(piece)
        sys.stdout.buffer.flush()
        if not playing():
            left -= len(piece)


if __name__ == "__main__":
    # not by way of SDL, which would wait for its driver, and that for somebody who reads
    os._exit(main(int(sys.argv[1])))
