"""The compiled core: what is compiled, when, and how the user can tell."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from hatch_build import CompileHook, has_compiler, sources
from pydoom import core
from pydoom.cli.doctor import packages, probes
from pydoom.cli.options import parse_options
from pydoom.render import choice
from pydoom.sim import fixed
from tests.conftest import ROOT

IMPORTS = re.compile(r"^(?:from|import) (\w+)", re.MULTILINE)
"""The first name of each module that a file imports at its top."""


class App:
    """Records the hook's messages to the person building."""

    def __init__(self) -> None:
        self.warnings: list[str] = []

    def display_warning(self, text: str) -> None:
        self.warnings.append(text)


def hook(app: App) -> CompileHook:
    return CompileHook(str(ROOT), {}, None, None, str(ROOT), "wheel", app)  # type: ignore[arg-type]


def build(version: str = "standard") -> tuple[dict[str, object], App]:
    """The hook's changes to Hatchling's build data, and its messages."""
    data: dict[str, object] = {"force_include": {}, "dependencies": [], "pure_python": True}
    app = App()
    hook(app).initialize(version, data)
    return data, app


PURE = {"force_include": {}, "dependencies": [], "pure_python": True}


def test_core_reports_what_was_loaded() -> None:
    assert core.is_compiled() == (not fixed.__file__.endswith(".py"))


def test_version_and_doctor_name_the_core(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    for compiled, name in ((True, "compiled core"), (False, "pure Python core")):
        monkeypatch.setattr(core, "is_compiled", lambda compiled=compiled: compiled)
        with pytest.raises(SystemExit):
            parse_options(["--version"])
        assert f"({name})" in capsys.readouterr().out
        assert f"({name})" in packages._python((3, 11)).message


def test_doctor_looks_for_what_a_compiled_core_needs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(probes, "is_compiled", lambda: True)
    assert {"librt", "mypy_extensions"} <= set(probes.needed_packages())


def test_auto_picks_the_renderer_that_is_fast_here(monkeypatch: pytest.MonkeyPatch) -> None:
    for compiled, name in ((True, "scanline"), (False, "numpy")):
        monkeypatch.setattr(choice, "is_compiled", lambda compiled=compiled: compiled)
        assert choice.renderer_name("auto") == name


def test_whole_simulation_is_compiled_and_nothing_that_needs_more_than_python() -> None:
    files = sources(ROOT)
    rules = {path.relative_to(ROOT).as_posix() for path in (ROOT / "pydoom" / "sim").rglob("*.py")}
    rules -= {name for name in rules if name.endswith("__init__.py")} | {"pydoom/sim/hooks.py"}
    assert rules <= set(files)
    imported = {name for file in files for name in IMPORTS.findall((ROOT / file).read_text())}
    assert imported - sys.stdlib_module_names <= {"pydoom", "librt", "mypy_extensions"}
    assert not imported & {"os", "pathlib", "socket", "subprocess", "threading"}


def test_each_kind_of_exception_has_its_own_variable_name() -> None:
    # a compiled function gives a variable one type: the second kind would raise TypeError instead of being handled
    files = sources(ROOT)
    assert files or core.is_compiled()  # the compiled core is tested without the sources
    for file in files:
        for function in ast.walk(ast.parse((ROOT / file).read_text())):
            if isinstance(function, ast.FunctionDef):
                handlers = [each for each in ast.walk(function) if isinstance(each, ast.ExceptHandler) and each.name]
                names = [each.name for each in handlers]
                assert len(names) == len(set(names)), f"{file}: {function.name}"


def test_install_is_pure_unless_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    for value in (None, "", "0"):
        monkeypatch.delenv("PYDOOM_COMPILE", raising=False)
        if value is not None:
            monkeypatch.setenv("PYDOOM_COMPILE", value)
        assert hook(App()).dependencies() == []
        assert build()[0] == PURE


def test_editable_install_is_pure_always(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYDOOM_COMPILE", "1")
    assert build("editable")[0] == PURE


def test_install_without_a_compiler_is_pure_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYDOOM_COMPILE", "1")
    monkeypatch.setenv("CC", "no-such-compiler -O2")
    assert not has_compiler()
    data, app = build()
    assert data == PURE
    assert "pure Python" in app.warnings[0]


def test_hook_adds_no_import_of_the_compiler_to_pure_builds() -> None:
    program = "import sys, hatch_build; sys.exit('mypyc' in sys.modules or 'setuptools' in sys.modules)"
    here = {**os.environ, "PYTHONPATH": str(Path(ROOT))}
    assert subprocess.run([sys.executable, "-c", program], cwd=ROOT, env=here).returncode == 0
