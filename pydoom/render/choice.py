"""The one place that chooses between the renderers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pydoom.core import is_compiled
from pydoom.render.interface import ViewRenderer

if TYPE_CHECKING:
    from pydoom.wad import Assets

RENDERERS: Final = ("auto", "numpy", "scanline")
"""The choices of `make_renderer`: "auto" is the scan-line renderer where it is compiled, else numpy's."""


class RendererError(Exception):
    """The requested renderer is not available; the message says what to do."""


def renderer_name(wanted: str = "auto") -> str:
    """The renderer that `make_renderer` makes: "numpy" or "scanline"."""
    if wanted == "auto":
        return "scanline" if is_compiled() else "numpy"
    return wanted


def make_renderer(
    assets: Assets,
    width: int = 320,
    height: int = 200,
    screenblocks: int = 10,
    detail: int = 0,
    *,
    wanted: str = "auto",
) -> ViewRenderer:
    """A renderer, one of RENDERERS, for frames of this size in pixels.

    Raises RendererError where the scan-line renderer is asked for by name and librt, its memory, is missing.
    """
    if renderer_name(wanted) == "scanline":
        try:
            from pydoom.render.scanline.renderer import ScanlineRenderer
        except ImportError as error:
            raise RendererError(f"--renderer scanline needs librt ({error}): pip install librt") from error

        return ScanlineRenderer(assets, width, height, screenblocks, detail)
    from pydoom.render.arrays.renderer import NumpyRenderer

    return NumpyRenderer(assets, width, height, screenblocks, detail)
