"""The settings: one table of them, the file they are stored in, and the objects made from them.

`table.SETTINGS` is the one list behind the command line and the configuration file. `file.ConfigFile`
reads and writes ``pydoom.toml`` and leaves everything else in it alone. `use.Configuration` lays the
command line over the file, and turns both into settings, key bindings and window options.
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
