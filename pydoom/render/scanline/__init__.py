"""The scan-line renderer: one column and one span at a time, in the order the original draws.

It is the plain counterpart of the numpy renderer in `pydoom.render.arrays`: the same view through the same interface,
from code that follows ``r_bsp.c r_segs.c r_plane.c r_things.c r_draw.c`` line by line with C's 32-bit arithmetic
spelled out. The two share trigonometry tables, the camera and the list of what to load; each makes its own view tables,
reads graphics in its own way and draws by itself, so each is the proof of the other.

Its numbers are `i64` and its memory is `librt.vecs.vec`, which mypyc turns into machine integers and arrays; every
index is checked, compiled or not. Compiled (docs/packaging.md) it is the fast renderer, as plain Python the slow one.

Limits that crash the original are absent; its silent ones (256 wall ranges, 128 sprites) apply at 320 pixels width.
"""
