"""What the player sees of the containers, apart from their monsters: drawn over the finished frame.

`text` writes with the WAD's font, `labels` names over heads; `hints` and `arrow` say where containers are; `listpage`,
`mapmarks` and `tallypage` are the list, the dots on the automap and the tally. `overlay` decides which of them a frame
shows. Nothing here changes the game.
"""
