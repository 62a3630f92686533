"""DOOM in Python, where every Docker container is a monster."""

__version__ = "0.1.0"
