"""WAD files as typed, read-only assets. The only package that imports omgifol."""

from pydoom.wad.assets import Assets, load
from pydoom.wad.errors import WadError
from pydoom.wad.maps import MapData, Sectors, Sidedefs
from pydoom.wad.patches import Patch
from pydoom.wad.sounds import Sound
from pydoom.wad.sprites import SpriteFrame
from pydoom.wad.textures import Texture

__all__ = ["Assets", "MapData", "Patch", "Sectors", "Sidedefs", "Sound", "SpriteFrame", "Texture", "WadError", "load"]
