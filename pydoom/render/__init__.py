"""The 3-D view (``r_*.c``): two renderers that draw the same pixels, and `choice`, which picks one.

``choice.make_renderer(assets, width, height, screenblocks, detail)`` makes an `interface.ViewRenderer`. Its
``draw(world, player, sky_texture)`` writes the view window of ``frame``, uint8[height, width], row-major palette
indexes, and sets ML_MAPPED on the lines it sees. The rest of the frame stays as it is. ``fuzz_position`` is carried
from frame to frame, since the original's shadows do.

- `arrays`: numpy on whole arrays, the fast one where nothing is compiled
- `scanline`: a column and a span at a time, as in the original; the fast one where it is compiled
- `camera`, `colours`, `precache`: what both share
"""
