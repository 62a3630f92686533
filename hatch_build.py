"""Compiles the hot modules with mypyc when a wheel is built with ``PYDOOM_COMPILE=1`` (docs/packaging.md).

A hook of Hatchling's. Without the variable, for an editable install, and where there is no C compiler the wheel is
pure Python; when the compiler fails, so does the build. hatch-mypyc would do most of this, but it is enabled
differently and compiles one file at a time.
"""

from __future__ import annotations

import os
import shutil
import sys
import sysconfig
from concurrent.futures import ThreadPoolExecutor
from importlib import metadata
from pathlib import Path
from typing import Any, Final

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

COMPILED: Final = (
    "pydoom/sim/**/*.py",
    "pydoom/render/scanline/*.py",
    "pydoom/data/info.py",
    "pydoom/wad/posts.py",
)
"""The modules that are typed, hot and do no input or output; one shared library holds all of them."""

LEFT_OUT: Final = (
    # protocols: plain Python classes could not inherit from compiled ones
    "pydoom/sim/hooks.py",
    # exchanges numpy arrays with the machine: nothing in it is hot
    "pydoom/render/scanline/renderer.py",
)

LIBRARY: Final = "pydoom"
"""The shared library is called ``pydoom__mypyc``; each module's file only points to it."""

OPTIONS: Final = (
    # our own configuration: the project's checks are for `make lint`
    "--config-file=",
    # uncompiled modules are only read for their types, and numpy's may be missing
    "--follow-imports=silent",
    "--ignore-missing-imports",
    "--no-site-packages",
)

WHOLE_PROGRAM: Final = ("-flto=auto", "-fno-semantic-interposition")
"""For gcc and clang: calls between modules are inlined. A frame takes 14 % less time for it."""


def is_wanted() -> bool:
    """Whether the environment asks for a compiled core."""
    return os.environ.get("PYDOOM_COMPILE", "0") not in ("", "0")


def has_compiler() -> bool:
    """Whether a C compiler and Python's headers are installed; on Windows setuptools finds them itself."""
    if sys.platform == "win32":
        return True
    command = (os.environ.get("CC") or sysconfig.get_config_var("CC") or "cc").split()[0]
    return shutil.which(command) is not None and (Path(sysconfig.get_path("include")) / "Python.h").is_file()


def sources(root: Path) -> list[str]:
    """The files to compile, relative to `root`; a package's `__init__` contains only its docstring."""
    found = {path.relative_to(root).as_posix() for pattern in COMPILED for path in root.glob(pattern)}
    return sorted(name for name in found if not name.endswith("/__init__.py") and name not in LEFT_OUT)


def compile_core(root: Path) -> dict[str, str]:
    """Compile, and return each built file with its place in the wheel."""
    from mypyc.build import mypycify
    from setuptools import Distribution
    from setuptools.command.build_ext import build_ext

    class Build(build_ext):
        """Compiles the C files of an extension in parallel."""

        def build_extensions(self) -> None:
            one_by_one = self.compiler.compile

            def side_by_side(files: list[str], *args: Any, **options: Any) -> list[str]:
                with ThreadPoolExecutor(os.cpu_count()) as pool:
                    made = pool.map(lambda file: one_by_one([file], *args, **options), files)
                    return [name for names in made for name in names]

            self.compiler.compile = side_by_side
            if self.compiler.compiler_type == "unix":
                for extension in self.extensions:
                    extension.extra_compile_args += WHOLE_PROGRAM
                    extension.extra_link_args += [*WHOLE_PROGRAM, "-O3"]
            super().build_extensions()

    folder = Path("build") / f"core-{sys.implementation.cache_tag}"
    before = Path.cwd()
    os.chdir(root)  # mypyc names modules by their paths from here
    try:
        extensions = mypycify(
            [*OPTIONS, f"--cache-dir={folder / 'mypy'}", *sources(root)],
            opt_level="3",
            debug_level="0",
            multi_file=True,
            group_name=LIBRARY,
            target_dir=str(folder / "c"),
        )
        command = Build(Distribution({"name": LIBRARY, "ext_modules": extensions}))
        command.build_lib, command.build_temp = str(folder / "lib"), str(folder / "tmp")
        command.parallel = os.cpu_count()
        command.ensure_finalized()
        command.run()
        made = [Path(name).relative_to(command.build_lib) for name in command.get_outputs()]
    finally:
        os.chdir(before)
    return {str(root / folder / "lib" / name): name.as_posix() for name in made}


class CompileHook(BuildHookInterface[Any]):
    """Adds the compiled modules to a wheel, beside their sources."""

    PLUGIN_NAME = "custom"

    def dependencies(self) -> list[str]:
        """What the build needs besides Hatchling."""
        return ["mypy>=2.4", "setuptools>=77"] if is_wanted() else []

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Compile, if requested and possible."""
        if not is_wanted() or version == "editable":
            return
        if not has_compiler():
            self.app.display_warning("PYDOOM_COMPILE: no C compiler or no Python.h here, so the core stays pure Python")
            return
        build_data["force_include"].update(compile_core(Path(self.root)))
        build_data["pure_python"] = False
        build_data["infer_tag"] = True
        # the compiled modules' integers and arrays, in the version they were compiled for or a newer one
        build_data["dependencies"] += [f"librt>={metadata.version('librt')}", "mypy_extensions>=1.0"]
