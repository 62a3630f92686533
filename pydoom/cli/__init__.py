"""The command line: `main` is the entry point, `grammar` and `options` parse, `play` starts the game.

`doctor` and `picturediff` are commands of their own: ``pydoom doctor``, ``pydoom picturediff``. Importing this package
loads nothing, so that the doctor runs on a machine where the libraries are missing.
"""
