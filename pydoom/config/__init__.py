"""What a player may set: one table of settings, the file they are kept in, and what they become.

`table.SETTINGS` is the one list from which the command line and the configuration file are made. `file.ConfigFile`
reads and writes ``pydoom.toml`` and leaves everything in it that is not ours as it is. `use.Configuration` lays the
command line over the file, and makes settings, key bindings and window options of them.
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
