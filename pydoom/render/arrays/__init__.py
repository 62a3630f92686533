"""The numpy renderer: all walls, floors or sprites of a frame at once, as whole arrays.

A frame runs through these stages, each a batch of arrays; `scene` is what all of them share:

1. `level`: heights and light that changed since the last frame; `render.camera`: the viewpoint.
2. `bsp`: angles, sides and columns of the whole map in one batch, then the tree walk in plain Python, with the hidden
   columns as bits of one int. Out come wall ranges, front to back, and the sectors in view.
3. `walls`: one ragged entry for each range and column. Only clip lines depend on what is in front: entries are ranked
   per column into layers, and a layer is done for all columns at once. Out come strips of texture, the marks of floors
   and ceilings, and the openings left for sprites.
4. `planes`: marks join visplanes (column sets are ints again); sorting where rows open and close gives all spans.
5. `things` and `masked`: sprites projected in one batch, clipped in one matrix of sprites and ranges; sprites, masked
   textures and the weapon become one list of posts in drawing order. `fuzz`: shadows, which read the frame.
6. `pixels`: gather texels, gather colours, scatter. `atlas` has all patches, textures and flats in one array.

`seen` finds the things that the player really sees.
"""
