"""What the original's arithmetic and lists do when they overflow.

Its ints wrap at 32 bits, so that a distance of more than 32,767 map units turns negative, and lists without bounds
overwrite whatever lies behind them. The fast paths elsewhere may ignore both as long as everything is inside
`World.near`, heights are moderate (`World.tall` is false) and no list is full; otherwise they hand over to this
package, which follows the original step by step.

`positions`, `traces` and `sightlines` are the loops of collision, traces and lines of sight; `memory` is what lies
behind the lists; `extent` says where a level's distances begin to wrap.
"""
