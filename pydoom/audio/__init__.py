"""Sound effects and music as arrays of samples: no sound card is needed.

- `effects`: a WAD's sounds expanded to int16[samples, 2] at 44,100 Hz, and the original's panning.
- `mixer.Mixer`: a sound device of `pydoom.game.sounds` that mixes into arrays, for the browser and for recordings.
- `music.MusicPlayer`: a song on a thread of its own, as MUS or MIDI: `mus` and `midi` read it into a `song.Song`,
  `sequencer` plays it in time, `opl` turns notes into registers of the music chip, `chip` emulates that.
  ``chip.AVAILABLE`` says whether this machine can do so. `recorded` plays OGG, MP3, FLAC and tracker modules instead,
  decoded by `decode` in a process of its own.
- `soundtrack.Soundtrack`: the sound of one tic, int16[1260, 2]; the same game always sounds the same.
"""
