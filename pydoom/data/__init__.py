"""The original's tables: trigonometry, random numbers, states, mobj types, weapons, sounds, switches."""
