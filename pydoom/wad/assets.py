"""What the rest of the game sees of a WAD: typed, read-only assets, decoded when first asked for and cached.

Missing essentials (palette, colour maps, textures, flats, sprites, a first map) are reported when the WAD is loaded;
anything else that turns out damaged raises WadError at its first use.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from pydoom.wad.archive import Lump, WadFile, printable, read_add_on, read_wad
from pydoom.wad.errors import WadError
from pydoom.wad.find import find_companion
from pydoom.wad.identify import identify
from pydoom.wad.lumps import LumpDirectory
from pydoom.wad.mapcheck import used_sectors
from pydoom.wad.mapdata import MapData
from pydoom.wad.mapformat import foreign_features, refusal
from pydoom.wad.maps import LUMP_NAMES, read_map
from pydoom.wad.patches import Patch, read_patch
from pydoom.wad.sounds import Sound, read_sound
from pydoom.wad.source import Cost, Source
from pydoom.wad.sprites import SpriteFrame, read_sprites
from pydoom.wad.textures import PatchPlace, Texture, TextureDef, read_patch_names, read_texture_defs

FLAT_BYTES: Final = 64 * 64
PALETTES: Final = 14
COLORMAPS: Final = 34

_MAP_NAME: Final = re.compile(r"E[1-9]M[1-9]|MAP[0-9][0-9]")


class Assets:
    """An IWAD with any PWADs over it.

    `mode`, `mission` and `variant` say which game it is (``D_IdentifyVersion``). Texture numbers count TEXTURE1 then
    TEXTURE2; flat numbers count the lumps after F_START, markers included; both as the original's.
    """

    def __init__(self, files: Sequence[WadFile]) -> None:
        self._directory = LumpDirectory(files)
        self.paths = tuple(file.path for file in files)
        self.path = self.paths[0]
        self.lump_names = tuple(lump.name for lump in self._directory.lumps)
        self.mode, self.mission, self.variant = identify(files[0])
        self.warn: Callable[[str], object] = lambda _message: None
        """Called with warnings about maps that do not play as their author meant; set by code that can show them."""
        self._renamed: Mapping[str, str] = {}
        self._patches: dict[str, Patch] = {}
        self._sounds: dict[str, Sound | None] = {}
        self._maps: dict[str, MapData] = {}
        self._flat_lumps = self._directory.section("F")
        for lump in self._flat_lumps:
            lump.source.spend(Cost.FLATS, 1, f"flat {printable(lump.name)}")
        self.flat_names = [lump.name for lump in self._flat_lumps]
        self._flat_numbers = {name: number for number, name in enumerate(self.flat_names)}
        self._flats: dict[int, NDArray[np.uint8]] = {}
        self.textures = self._load_textures()
        self.texture_names = [texture.name for texture in self.textures]
        self.texture_heights = [texture.height for texture in self.textures]
        # the first of equal names wins
        self._texture_numbers = {name: number for number, name in reversed(list(enumerate(self.texture_names)))}
        self.sprites: dict[str, list[SpriteFrame]] = read_sprites(self._directory.section("S"), self._picture)
        self.palettes = _table(self._directory.get("PLAYPAL"), (PALETTES, 256, 3))
        self.colormaps = _table(self._directory.get("COLORMAP"), (COLORMAPS, 256))

    def __repr__(self) -> str:
        return f"<Assets {self.path.name} {self.mode}>"

    def rename(self, names: Mapping[str, str]) -> None:
        """From now on `has_lump`, `lump`, `demo` and `patch` find other lumps by these upper-case names.

        Patches that textures and sprites are made of keep their names (``DEH_String`` around names of lumps).
        """
        self._renamed = names

    def _actual(self, name: str) -> str:
        name = name.upper()
        return self._renamed.get(name, name)

    def has_lump(self, name: str) -> bool:
        """Whether there is a lump of this name, in upper or lower case."""
        return self._actual(name) in self._directory

    def lump(self, name: str) -> bytes:
        """Bytes of the last lump of this name, or WadError."""
        return self._directory.get(self._actual(name)).data

    def lumps_by_file(self, name: str) -> list[tuple[Path, list[Lump]]]:
        """All lumps of this name in the IWAD and each PWAD, including replaced ones; they may share their bytes."""
        name = name.upper()
        return [(file.path, [lump for lump in file.lumps if lump.name == name]) for file in self._directory.files]

    def companion(self, name: str) -> Path | None:
        """The file called `name` that belongs to the IWAD: next to it, or where IWADs are."""
        return find_companion(self.path, name)

    def patch(self, name: str) -> Patch:
        """The patch in the lump of this name."""
        return self._picture(self._actual(name))

    def _picture(self, name: str) -> Patch:
        if name not in self._patches:
            self._patches[name] = read_patch(self._directory.get(name))
        return self._patches[name]

    def reserve_textures(self, names: Sequence[str], width: int, height: int) -> None:
        """Add textures of this size in pixels behind those of the WAD, to be painted later; once for each name."""
        source = Source()
        for name in names:
            if name not in self._texture_numbers:
                self._texture_numbers[name] = len(self.textures)
                definition = TextureDef(name, width, height, (PatchPlace(name, 0, 0),), source)
                self.textures.append(Texture(definition, self._picture))
                self.texture_names.append(name)
                self.texture_heights.append(height)

    def paint_textures(self, patches: Mapping[str, bytes]) -> None:
        """Paint reserved textures anew, each with one patch as it would be in a WAD."""
        for name, data in patches.items():
            self._patches[name] = read_patch(Lump(name, memoryview(data)))
            number = self._texture_numbers[name]
            old = self.textures[number]
            definition = TextureDef(name, old.width, old.height, (PatchPlace(name, 0, 0),), Source())
            self.textures[number] = Texture(definition, self._picture)

    def texture_number(self, name: str) -> int:
        """Number of a wall texture; 0 when the name begins with "-", -1 when there is none."""
        return 0 if name.startswith("-") else self._texture_numbers.get(name.upper(), -1)

    def flat_number(self, name: str) -> int:
        """Number of a flat, -1 when there is none."""
        return self._flat_numbers.get(name.upper(), -1)

    def flat(self, number: int) -> NDArray[np.uint8]:
        """uint8[64, 64]: a floor or ceiling flat, rows from north to south; zeros where the lump is too short."""
        if number not in self._flats:
            lump = self._flat_lumps[number]
            data = b"" if lump.content is None else lump.content[:FLAT_BYTES]
            flat = np.zeros(FLAT_BYTES, np.uint8)
            flat[: len(data)] = np.frombuffer(data, np.uint8)
            flat.flags.writeable = False
            self._flats[number] = flat.reshape(64, 64)
        return self._flats[number]

    @cached_property
    def map_names(self) -> list[str]:
        """Names of all maps, sorted."""
        lumps = self._directory.lumps
        return sorted(
            {
                lump.name
                for number, lump in enumerate(lumps)
                if _MAP_NAME.fullmatch(lump.name)
                and number + 1 < len(lumps)
                and lumps[number + 1].name == LUMP_NAMES[0]
            }
        )

    def map(self, name: str) -> MapData:
        """The map of this name; all its textures and flats exist."""
        name = name.upper()
        if name not in self._maps:
            self._maps[name] = self._read_map(name)
        return self._maps[name]

    def _read_map(self, name: str) -> MapData:
        marker = self._directory.number(name)
        if marker < 0 or not _MAP_NAME.fullmatch(name):
            raise WadError(f"{self.path}: has no map {printable(name)}")
        source = self._directory.lumps[marker].source
        following = self._directory.lumps[marker + 1 : marker + 2 + len(LUMP_NAMES)]
        refused = refusal([lump.name for lump in following])
        if refused:
            raise source.error(f"map {name} {refused}")
        lumps: dict[str, Lump] = {}
        for lump in following:
            if lump.name not in LUMP_NAMES or lump.name in lumps:
                break
            lumps[lump.name] = lump
        try:
            data = self._with_pictures(read_map(name, lumps))
        except WadError as error:
            message = str(error)
            raise error if message.startswith(f"{source.path}:") else source.error(message) from None
        foreign = foreign_features(data)
        if foreign:
            self.warn(f"{source.path}: map {name} {foreign}")
        return data

    def demo(self, name: str) -> bytes:
        """Bytes of a recorded demo, or WadError."""
        return self.lump(name)

    def sound(self, name: str) -> Sound | None:
        """The sound effect `name` ("pistol" is in lump DSPISTOL); None when there is none that can be played."""
        name = f"DS{name.upper()}"
        if name not in self._sounds:
            lump = self._directory.find(name)
            self._sounds[name] = None if lump is None else read_sound(lump)
        return self._sounds[name]

    def music(self, name: str) -> bytes | None:
        """The song `name` ("e1m1" is in lump D_E1M1), as stored (MUS or MIDI); None when there is none."""
        lump = self._directory.find(f"D_{name}")
        return None if lump is None else lump.data

    def _load_textures(self) -> list[Texture]:
        names = read_patch_names(self._directory.get("PNAMES"))
        definitions = read_texture_defs(self._directory.get("TEXTURE1"), names)
        second = self._directory.find("TEXTURE2")
        if second is not None:
            definitions += read_texture_defs(second, names)
        if not definitions:
            raise WadError(f"{self.path}: has no wall textures")
        for definition in definitions:
            for place in definition.places:
                if place.name not in self._directory:
                    raise definition.source.error(
                        f"texture {printable(definition.name)} needs patch {printable(place.name)}, which is missing"
                    )
        return [Texture(definition, self._picture) for definition in definitions]

    def _with_pictures(self, data: MapData) -> MapData:
        """The map, after checking that its textures and flats exist; an unused sector gets flats that do."""
        sides, sectors = data.sidedefs, data.sectors
        for name in {*sides.toptexture, *sides.bottomtexture, *sides.midtexture}:
            if self.texture_number(name) < 0:
                raise WadError(f"map {data.name} needs texture {printable(name)}, which is missing")
        used = used_sectors(data).tolist()
        for names in (sectors.floorpic, sectors.ceilingpic):
            for name in {name for name, in_use in zip(names, used, strict=True) if in_use}:
                if self.flat_number(name) < 0:
                    raise WadError(f"map {data.name} needs flat {printable(name)}, which is missing")
                _ = self._flat_lumps[self.flat_number(name)].view  # raises if the file ends too early
        there = sectors.floorpic[used.index(True)]

        def known(names: list[str]) -> list[str]:
            return [name if self.flat_number(name) >= 0 else there for name in names]

        sectors = replace(sectors, floorpic=known(sectors.floorpic), ceilingpic=known(sectors.ceilingpic))
        return replace(data, sectors=sectors)


def load(path: str | Path, *pwads: str | Path) -> Assets:
    """Read an IWAD and, over it, any add-ons, WADs or single lumps; raises WadError with one clear line."""
    return Assets([read_wad(path), *(read_add_on(pwad) for pwad in pwads)])


def _table(lump: Lump, shape: tuple[int, ...]) -> NDArray[np.uint8]:
    size = int(np.prod(shape))
    if len(lump.view) < size:
        raise lump.source.error(f"{lump.name} is damaged: {len(lump.view)} bytes instead of {size}")
    return np.frombuffer(lump.data, np.uint8, size).reshape(shape)
