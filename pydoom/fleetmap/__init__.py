"""The data centre: a level made from the fleet, one room for each group of containers.

`plan` draws it up as a `draft.Draft`: sectors, lines and things in whole map units, made of what the loaded WAD has.
`build` turns a draft into the lumps of a level (`wad.mapdata.MapData`): vertexes, segs, nodes, blockmap, reject.
`signs` draws the signs' textures in the WAD's own font, and `wadfile` writes everything to a file that the original
loads.

The same groups, seed and WAD give the same level, byte for byte. Nothing here knows the bridge or a running game.
"""
