"""WAD files as typed, read-only assets. The only package that imports omgifol.

``load(path, *pwads)`` returns `Assets`, or raises `WadError` with one clear line. Whatever `Assets` hands out has been
checked: indexes are inside their tables, names exist. Units are those of the lumps: map units, pixels, bytes.

- `Assets`: ``mode`` ("shareware", "registered", "retail", "commercial") and ``mission`` ("doom", "doom2", "tnt",
  "plutonia"); ``palettes`` uint8[14, 256, 3], ``colormaps`` uint8[34, 256]; lumps, patches, textures, flats, sprites,
  maps, demos, sounds and songs by name. Flat 0 is the lump after F_START, the marker F1_START, as in the original.
- `Patch`: ``pixels`` uint8[height, width] and ``mask`` bool[height, width]. ``windows(x)`` uint8[posts, 128] holds the
  bytes from each post's first pixel on: R_DrawColumn masks rows with 127 and reads past short posts.
- `Texture`: the composed image. ``wall_columns`` uint8[width, 128] is what R_GetColumn points at for walls,
  ``column_posts(x)`` and ``column_windows(x)`` what it hands to R_DrawMaskedColumn for a masked middle texture.
- `SpriteFrame`: 8 patches, or 1 that serves all rotations, with their ``flip``.
- `MapData`: ``vertexes`` [N, 2], ``linedefs`` [N, 7], ``segs`` [N, 6], ``subsectors`` [N, 2], ``nodes`` [N, 14] and
  ``things`` [N, 5], all int32 with the columns of doomdata.h (indexes unsigned, a missing sidedef -1); sides and
  sectors as one array for each field; ``blockmap`` int32[N], whose lists end with -1; ``reject`` bytes.

`find` searches the usual places for IWADs, `fetch` downloads the shareware one and checks its hash.
"""

from pydoom.wad.assets import Assets, load
from pydoom.wad.errors import OtherGameError, WadError
from pydoom.wad.mapdata import MapData, Sectors, Sidedefs
from pydoom.wad.patches import Patch
from pydoom.wad.sounds import Sound
from pydoom.wad.sprites import SpriteFrame
from pydoom.wad.textures import Texture

__all__ = [
    "Assets",
    "MapData",
    "OtherGameError",
    "Patch",
    "Sectors",
    "Sidedefs",
    "Sound",
    "SpriteFrame",
    "Texture",
    "WadError",
    "load",
]
