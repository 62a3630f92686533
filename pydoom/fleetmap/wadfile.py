"""A level as a WAD file that the original loads with ``-file``: its lumps, and the textures of its signs.

The original knows the textures of TEXTURE1 and TEXTURE2 and the patches that PNAMES numbers, each as a whole: a PWAD
that adds some repeats what was there. The signs go to the end of both lists, so that all other numbers stay.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from typing import Final

from pydoom.fleetmap.build import build
from pydoom.fleetmap.draft import SIGN_HEIGHT, SIGN_WIDTH, Draft
from pydoom.fleetmap.signs import sign_patches
from pydoom.wad import Assets
from pydoom.wad.pack import pack_wad

_COUNT: Final = struct.Struct("<I")
_TEXTURE: Final = struct.Struct("<8sihhih")
_PLACE: Final = struct.Struct("<5h")


def wad_of(draft: Draft, assets: Assets) -> bytes:
    """The WAD's bytes, to be loaded over what `assets` was loaded from; raises FleetMapError."""
    lumps = [(draft.name, b""), *build(draft).lumps.items()]
    if draft.signs:
        patches = sign_patches(draft.signs, assets)
        names = assets.lump("PNAMES")
        textures = assets.lump("TEXTURE2") if assets.has_lump("TEXTURE2") else _COUNT.pack(0)
        first = _COUNT.unpack_from(names)[0]
        lumps += [
            ("PNAMES", _more_names(names, list(patches))),
            ("TEXTURE2", _more_textures(textures, list(patches), first)),
            *patches.items(),
        ]
    return pack_wad(lumps)


def _more_names(lump: bytes, names: Sequence[str]) -> bytes:
    """PNAMES with more names at its end."""
    count = _COUNT.unpack_from(lump)[0]
    added = b"".join(struct.pack("8s", name.encode("ascii")) for name in names)
    return _COUNT.pack(count + len(names)) + lump[_COUNT.size :][: 8 * count] + added


def _more_textures(lump: bytes, names: Sequence[str], first_patch: int) -> bytes:
    """TEXTURE1 or TEXTURE2 with more textures at its end, each of one patch: `first_patch` and those after it."""
    count = _COUNT.unpack_from(lump)[0]
    head = _COUNT.size * (1 + count)
    shift = _COUNT.size * len(names)
    offsets = [at + shift for at in struct.unpack_from(f"<{count}I", lump, _COUNT.size)]
    size = _TEXTURE.size + _PLACE.size
    offsets += [len(lump) + shift + number * size for number in range(len(names))]
    added = b"".join(
        _TEXTURE.pack(name.encode("ascii"), 0, SIGN_WIDTH, SIGN_HEIGHT, 0, 1) + _PLACE.pack(0, 0, number, 1, 0)
        for number, name in enumerate(names, first_patch)
    )
    return struct.pack(f"<I{len(offsets)}I", len(offsets), *offsets) + lump[head:] + added
