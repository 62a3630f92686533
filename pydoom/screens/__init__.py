"""The 2-D screens: status bar, messages, menu, automap, intermission, finale, title, melt.

Each implements its protocol of `pydoom.game.displays`: a ticker for each tic, ``draw(frame, ...)``, and for most a
responder for events. ``frame`` is uint8[200, 320], or uint16[200, 320] in high resolution, where `video.SEE_THROUGH`
lets the view show. It persists from frame to frame: bar, messages and border are drawn only where they changed, as in
the original.

- `display.Display.draw` is D_Display: it draws all in the right order, and returns a `wipe.Melt` when one begins.
- `video`: V_DrawPatch and its kin. `enlarge`: a frame over a view of another size. `palette`: which of the 14
  palettes shows (ST_doPaletteStuff), and gamma. `font`, `widgets`: text and numbers.
- `wipe.melt_delays` draws 320 random numbers, also when nothing is drawn.
"""
