"""The 2-D screens: status bar, messages, menu, automap, intermission, finale, title, melt."""
