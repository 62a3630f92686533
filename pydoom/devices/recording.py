"""Records a game's frames and sound into a video, with or without a window and sound card."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from pydoom.audio.dmx import Dmx
from pydoom.audio.soundtrack import Soundtrack
from pydoom.data.info import SoundInfo
from pydoom.devices.speakers import Speakers
from pydoom.devices.video import VideoWriter
from pydoom.game.sounds import MusicDevice, SoundDevice
from pydoom.sim.constants import TICRATE

if TYPE_CHECKING:
    from pydoom.devices.gamewindow import GameWindow
    from pydoom.game.events import Event
    from pydoom.wad import Assets

_MOST_TICS_AT_ONCE: Final = TICRATE
"""Most tics a late frame fills in: a machine that stalls for longer leaves a gap in the video."""


class Recorder:
    """Records a game, one tic at a time. Raises DeviceError if it cannot, OSError when the disk is full."""

    def __init__(
        self,
        path: Path,
        assets: Assets,
        sounds: list[SoundInfo],
        tics: range | None = None,
        *,
        wait: bool = True,
        heard: Speakers | None = None,
        dmx: Dmx = Dmx.DOOM_1_9,
    ) -> None:
        """`tics` is the range to keep, counted from the beginning of the recording; None for all.

        `sounds` is the table with links. The recorded game plays through `speakers`, and also through `heard`
        for the player. `wait` is for games without a clock: no frame is dropped, however long the encoder takes.
        """
        self._writer = VideoWriter(path, wait=wait)
        self._tics = tics
        self._tic = 0
        self._track = Soundtrack(assets, sounds, dmx)
        recorded = Speakers(self._track.device, self._track.music)
        self.speakers = recorded if heard is None else _both(heard, recorded)

    def tic(self, frame: NDArray[np.uint8] | None, colours: NDArray[np.uint8]) -> None:
        """Record a tic: indexes uint8[H,W] in colours uint8[256,3], and the sound that goes with them.

        Without a frame it shows the previous one.
        """
        samples = self._track.tic()
        if self._tics is None or self._tic in self._tics:
            self._writer.write(frame, colours, samples)
        self._tic += 1

    @property
    def over(self) -> bool:
        """Whether the last tic wanted has been recorded."""
        return self._tics is not None and self._tic >= self._tics.stop

    def tics_of(self, demo_tics: int) -> int:
        """The number of tics after which the recording of a demo of `demo_tics` is over."""
        return demo_tics if self._tics is None else min(demo_tics, self._tics.stop)

    @property
    def shortfall(self) -> str:
        """What is missing in the video, as a sentence; usually empty."""
        writer = self._writer
        if not writer.dropped:
            return ""
        return f"the video lacks {writer.dropped} frames of {writer.tics}: this machine could not encode them in time"

    def close(self) -> None:
        """Finish the file."""
        self._writer.close()


class RecordingWindow:
    """A window whose frames are recorded for as many tics as they were on the screen."""

    def __init__(self, window: GameWindow, recorder: Recorder) -> None:
        self._window = window
        self._recorder = recorder
        self._began: float | None = None
        self._recorded = 0

    @property
    def closed(self) -> bool:
        """Whether the window has been closed."""
        return self._window.closed

    @closed.setter
    def closed(self, closed: bool) -> None:
        self._window.closed = closed

    @property
    def fullscreen(self) -> bool:
        """Whether the window covers the screen."""
        return self._window.fullscreen

    @fullscreen.setter
    def fullscreen(self, fullscreen: bool) -> None:
        self._window.fullscreen = fullscreen

    def present(self, frame: NDArray[np.uint8], colours: NDArray[np.uint8]) -> None:
        """Show and record a frame."""
        self._window.present(frame, colours)
        now = time.monotonic()
        if self._began is None:
            self._began = now
        passed = int((now - self._began) * TICRATE) + 1
        new = min(passed - self._recorded, _MOST_TICS_AT_ONCE)
        for late in range(new):  # the previous frame was on the screen until now
            self._recorder.tic(frame if late == new - 1 else None, colours)
        self._recorded = max(self._recorded, passed)

    def poll(self) -> list[Event]:
        """The events since the last call."""
        return self._window.poll()

    def grab_mouse(self, wanted: bool) -> None:
        """Grab or release the pointer."""
        self._window.grab_mouse(wanted)

    def toggle_fullscreen(self) -> None:
        """Toggle between window and full screen."""
        self._window.toggle_fullscreen()

    def close(self) -> None:
        """Close the window and finish the video."""
        self._window.close()
        self._recorder.close()


def _both(heard: Speakers, recorded: Speakers) -> Speakers:
    return Speakers(_BothSounds(heard.sound, recorded.sound), _BothMusics(heard.music, recorded.music))


class _BothSounds:
    """Two sound devices that play the same."""

    def __init__(self, heard: SoundDevice, recorded: SoundDevice) -> None:
        self._heard = heard
        self._recorded = recorded

    def start(self, channel: int, sound: SoundInfo, volume: int, separation: int, pitch: int) -> None:
        self._heard.start(channel, sound, volume, separation, pitch)
        self._recorded.start(channel, sound, volume, separation, pitch)

    def stop(self, channel: int) -> None:
        self._heard.stop(channel)
        self._recorded.stop(channel)

    def playing(self, channel: int) -> bool:
        return self._recorded.playing(channel) or self._heard.playing(channel)

    def adjust(self, channel: int, volume: int, separation: int) -> None:
        self._heard.adjust(channel, volume, separation)
        self._recorded.adjust(channel, volume, separation)


class _BothMusics:
    """Two music devices that play the same."""

    def __init__(self, heard: MusicDevice, recorded: MusicDevice) -> None:
        self._both = (heard, recorded)

    def play(self, name: str, looping: bool) -> None:
        for device in self._both:
            device.play(name, looping)

    def stop(self) -> None:
        for device in self._both:
            device.stop()

    def pause(self) -> None:
        for device in self._both:
            device.pause()

    def resume(self) -> None:
        for device in self._both:
            device.resume()

    def set_volume(self, volume: int) -> None:
        for device in self._both:
            device.set_volume(volume)
