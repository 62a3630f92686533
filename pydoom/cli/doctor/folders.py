"""The player's files: settings and saved games."""

from __future__ import annotations

from collections.abc import Iterator

from pydoom.cli.doctor.check import Check, Status
from pydoom.cli.options import Options
from pydoom.config import ConfigError, ConfigFile, default_path
from pydoom.files import why_not_writable
from pydoom.wad.find import user_folder


def check_settings(options: Options) -> Iterator[Check]:
    """Check whether the configuration file can be read, is valid, and can be written."""
    if options.no_config:
        yield Check("settings", Status.NOTE, "not read, with --no-config")
        return
    path = options.config or default_path()
    try:
        file = ConfigFile(path)
    except (ConfigError, OSError) as error:
        yield Check("settings", Status.MISSING, str(error), "fix it, or play with --no-config")
        return
    trouble = why_not_writable(path.parent)
    if file.warnings:
        yield Check("settings", Status.WARNING, "; ".join(file.warnings), "remove those lines")
    elif trouble:
        remedy = "choose another file with --config"
        yield Check("settings", Status.WARNING, f"{path} cannot be written: {trouble}", remedy)
    else:
        yield Check("settings", Status.OK, str(path) if path.exists() else f"{path} will be written by the first game")


def check_saves(options: Options) -> Iterator[Check]:
    """Check whether games can be saved."""
    folder = options.save_folder or user_folder() / "saves"
    trouble = why_not_writable(folder)
    if trouble:
        remedy = "choose another folder with --save-folder"
        yield Check("saved games", Status.WARNING, f"games cannot be saved in {folder}: {trouble}", remedy)
    else:
        yield Check("saved games", Status.OK, str(folder))
