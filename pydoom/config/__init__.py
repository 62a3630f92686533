"""What a player may set: one table of settings, the file they are kept in, and what they become.

`table.SETTINGS` is the one list from which the command line and the configuration file are made.
"""

from pydoom.config.errors import ConfigError
from pydoom.config.file import ConfigFile, default_path
from pydoom.config.table import SECTIONS, SETTINGS, Setting, Value, default_values
from pydoom.config.use import Configuration

__all__ = [
    "SECTIONS",
    "SETTINGS",
    "ConfigError",
    "ConfigFile",
    "Configuration",
    "Setting",
    "Value",
    "default_path",
    "default_values",
]
