"""Which sounds are heard, how loud and where: the rules of ``s_sound.c``.

Eight channels, taken from sounds of lower priority when all are busy; volume falls off with distance, separation
follows the direction. The pitch of a sound costs one M_Random, drawn whenever the sound would be audible at the
original's default volume: so the status bar's face, and every trace, is the same with the sound off.
The output device is behind a small protocol; `NullSoundDevice` is the silent one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

from pydoom.data import music_ids
from pydoom.data import sound_ids as sfx
from pydoom.data.info import SoundInfo
from pydoom.data.tables import ANGLE_MASK, ANGLETOFINESHIFT, FINESINE
from pydoom.game.level import Level
from pydoom.sim import geometry
from pydoom.sim.fixed import abs32, to_int32

if TYPE_CHECKING:
    from pydoom.sim.level import SoundOrigin
    from pydoom.sim.mobj import Mobj
    from pydoom.sim.world import World

NUM_CHANNELS: Final = 8
NORM_PITCH: Final = 128
NORM_SEPARATION: Final = 128
VOLUME_STEP: Final = 8
"""Internal volume (0 to 127) of one step of the menu's slider (0 to 15)."""
DEFAULT_VOLUME: Final = 8
REFERENCE_VOLUME: Final = DEFAULT_VOLUME * VOLUME_STEP
MUSIC_NAMES: Final = [name.removeprefix("MUS_").lower() for name in vars(music_ids) if name.startswith("MUS_")]
"""Names of the songs by number; their lumps are called ``D_`` and the name."""

_CLIPPING_DISTANCE: Final = 1200 << 16
_CLOSE_DISTANCE: Final = 200 << 16
_ATTENUATOR: Final = (_CLIPPING_DISTANCE - _CLOSE_DISTANCE) >> 16
_STEREO_SWING: Final = 96 << 16


class SoundDevice(Protocol):
    """Something that plays samples on eight channels."""

    def start(self, channel: int, sound: SoundInfo, volume: int, separation: int, pitch: int) -> None:
        """Play `sound`: volume 0 to 127, separation 0 (left) to 255 (right), pitch 128 normal."""

    def stop(self, channel: int) -> None:
        """Silence a channel."""

    def playing(self, channel: int) -> bool:
        """Whether the channel's sound has not ended yet."""

    def adjust(self, channel: int, volume: int, separation: int) -> None:
        """Change a playing sound."""


class MusicDevice(Protocol):
    """Something that plays the WAD's songs."""

    def play(self, name: str, looping: bool) -> None:
        """Play song `name` (lump ``D_<name>``) from its beginning; a missing lump is silence."""

    def stop(self) -> None:
        """End the song."""

    def pause(self) -> None:
        """Hold the song."""

    def resume(self) -> None:
        """Go on with a held song."""

    def set_volume(self, volume: int) -> None:
        """Set the volume, 0 to 127."""


class NullSoundDevice(SoundDevice):
    """Plays nothing; every sound ends at once."""

    def start(self, channel: int, sound: SoundInfo, volume: int, separation: int, pitch: int) -> None:
        """Ignore."""

    def stop(self, channel: int) -> None:
        """Ignore."""

    def playing(self, channel: int) -> bool:
        """Never."""
        return False

    def adjust(self, channel: int, volume: int, separation: int) -> None:
        """Ignore."""


class NullMusicDevice(MusicDevice):
    """Plays nothing."""

    def play(self, name: str, looping: bool) -> None:
        """Ignore."""

    def stop(self) -> None:
        """Ignore."""

    def pause(self) -> None:
        """Ignore."""

    def resume(self) -> None:
        """Ignore."""

    def set_volume(self, volume: int) -> None:
        """Ignore."""


@dataclass(slots=True)
class _SoundChannel:
    sound: SoundInfo | None = None
    origin: SoundOrigin | None = None


class Sounds:
    """The sound sink of a session's world, and its music."""

    def __init__(self, world: World, device: SoundDevice | None = None, music: MusicDevice | None = None) -> None:
        self.world = world
        self.device: SoundDevice = device if device is not None else NullSoundDevice()
        self.music: MusicDevice = music if music is not None else NullMusicDevice()
        self.volume = REFERENCE_VOLUME
        self.music_number = 0
        self._paused = False
        self._channels = [_SoundChannel() for _ in range(NUM_CHANNELS)]

    # -- sound effects

    def start(self, origin: SoundOrigin | None, sfx_number: int) -> None:
        """Start a sound at `origin`, or everywhere for None (``S_StartSound``)."""
        world = self.world
        sound = world.info.sounds[sfx_number]
        pitch = NORM_PITCH
        reduction = 0
        if sound.link is not None:
            reduction = sound.volume or 0
            pitch = sound.pitch or NORM_PITCH
        reference = min(REFERENCE_VOLUME + reduction, REFERENCE_VOLUME)
        if reference < 1:
            return
        separation = NORM_SEPARATION
        distance = 0
        listener = world.players[world.consoleplayer].mo
        local = origin is None or listener is None or origin is listener
        if not local:
            assert origin is not None and listener is not None
            distance = approximate_distance(listener, origin)
            if attenuated_volume(REFERENCE_VOLUME, distance, world.map) <= 0:
                return
        if sfx.SFX_SAWUP <= sfx_number <= sfx.SFX_SAWHIT:
            pitch += 8 - (world.random.m_random() & 15)
        elif sfx_number not in (sfx.SFX_ITEMUP, sfx.SFX_TINK):
            pitch += 16 - (world.random.m_random() & 31)
        volume = min(self.volume + reduction, self.volume)
        if not local:
            assert origin is not None and listener is not None
            volume = attenuated_volume(self.volume, distance, world.map)
            if origin.x != listener.x or origin.y != listener.y:
                separation = stereo_separation(listener, origin)
        if volume > 0 and self.volume:  # map 8's least volume is for those who want to hear anything
            self._play(sound, origin, volume, separation, max(0, min(255, pitch)))

    def stop(self, origin: SoundOrigin | None) -> None:
        """Stop what `origin` is playing (``S_StopSound``)."""
        for number, channel in enumerate(self._channels):
            if channel.sound is not None and channel.origin is origin:
                self._stop_channel(number)
                return

    def update(self, listener: Mobj | None) -> None:
        """Follow the listener and the origins; once a frame (``S_UpdateSounds``)."""
        for number, channel in enumerate(self._channels):
            sound = channel.sound
            if sound is None:
                continue
            if not self.device.playing(number):
                self._stop_channel(number)
                continue
            origin = channel.origin
            if origin is None or origin is listener or listener is None:
                continue
            distance = approximate_distance(listener, origin)
            volume = attenuated_volume(self.volume, distance, self.world.map)
            if volume <= 0 or not self.volume:
                self._stop_channel(number)
            else:
                self.device.adjust(number, volume, stereo_separation(listener, origin))

    def set_volume(self, step: int) -> None:
        """Volume of effects from the menu, 0 to 15."""
        self.volume = step * VOLUME_STEP

    def _play(self, sound: SoundInfo, origin: SoundOrigin | None, volume: int, separation: int, pitch: int) -> None:
        self.stop(origin)
        number = self._free_channel(origin, sound)
        if number is None:
            return
        channel = self._channels[number]
        channel.sound = sound
        channel.origin = origin
        self.device.start(number, sound, volume, separation, pitch)

    def _free_channel(self, origin: SoundOrigin | None, sound: SoundInfo) -> int | None:
        for number, channel in enumerate(self._channels):
            if channel.sound is None:
                return number
            if origin is not None and channel.origin is origin:
                self._stop_channel(number)
                return number
        # all busy: take the first channel of no higher priority (lower numbers are higher priorities)
        for number, channel in enumerate(self._channels):
            if channel.sound is not None and channel.sound.priority >= sound.priority:
                self._stop_channel(number)
                return number
        return None

    def _stop_channel(self, number: int) -> None:
        channel = self._channels[number]
        if channel.sound is not None:
            if self.device.playing(number):
                self.device.stop(number)
            channel.sound = None
            channel.origin = None

    # -- levels and music

    def level_started(self) -> None:
        """Silence everything and start the level's song (``S_Start``)."""
        for number in range(NUM_CHANNELS):
            self._stop_channel(number)
        self._paused = False
        world = self.world
        self.change_music(Level.of(world).music(world.mode), True)

    def change_music(self, number: int, looping: bool) -> None:
        """Play song `number` of music_ids unless it is playing already (``S_ChangeMusic``)."""
        if number == self.music_number:
            return
        self.stop_music()
        self.music_number = number
        self.music.play(self.world.info.text(MUSIC_NAMES[number]), looping)

    def stop_music(self) -> None:
        """End the song (``S_StopMusic``)."""
        if self.music_number:
            self.music.stop()
            self.music_number = 0

    def pause(self) -> None:
        """Hold the music while the game is paused (``S_PauseSound``)."""
        if self.music_number and not self._paused:
            self.music.pause()
            self._paused = True

    def resume(self) -> None:
        """Go on with the music (``S_ResumeSound``)."""
        if self.music_number and self._paused:
            self.music.resume()
            self._paused = False

    def set_music_volume(self, step: int) -> None:
        """Volume of music from the menu, 0 to 15."""
        self.music.set_volume(step * VOLUME_STEP)


def approximate_distance(listener: SoundOrigin, source: SoundOrigin) -> int:
    """Distance in 16.16 map units as ``S_AdjustSoundParams`` estimates it: far off it wraps, and may be negative."""
    adx = abs32(to_int32(listener.x - source.x))
    ady = abs32(to_int32(listener.y - source.y))
    return to_int32(adx + ady - ((adx if adx < ady else ady) >> 1))


def attenuated_volume(volume: int, distance: int, map_number: int) -> int:
    """Volume at a distance; 0 or less is inaudible. Map 8 of every episode is heard everywhere."""
    if map_number != 8 and distance > _CLIPPING_DISTANCE:
        return 0
    if distance < _CLOSE_DISTANCE:
        return volume
    if map_number == 8:
        near = (_CLIPPING_DISTANCE - min(distance, _CLIPPING_DISTANCE)) >> 16
        product = (volume - 15) * near
        return 15 + (product // _ATTENUATOR if product >= 0 else -(-product // _ATTENUATOR))
    return (volume * ((_CLIPPING_DISTANCE - distance) >> 16)) // _ATTENUATOR


def stereo_separation(listener: Mobj, source: SoundOrigin) -> int:
    """Where between the ears a sound is: 128 ahead, less to the left, more to the right."""
    angle = geometry.point_to_angle(listener.x, listener.y, source.x, source.y)
    if angle > listener.angle:
        angle -= listener.angle
    else:
        angle = (angle + ANGLE_MASK - listener.angle) & ANGLE_MASK
    return 128 - ((_STEREO_SWING * FINESINE[angle >> ANGLETOFINESHIFT] >> 16) >> 16)
