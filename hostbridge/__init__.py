"""The host daemon between the game and the container engine."""

__version__ = "0.1.0"
