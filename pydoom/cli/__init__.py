"""The command line: `main` is the door, `grammar` and `options` read the words, `play` starts what they ask for.

`doctor` and `picturediff` are commands of their own: ``pydoom doctor``, ``pydoom picturediff``. Importing this package
loads nothing, so that the doctor runs on a machine where the libraries are missing.
"""
