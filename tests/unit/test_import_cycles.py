"""No module of the game or the bridge needs itself: imports, also inside functions, form no cycle.

Imports for types alone form one: the objects of a level refer to each other.
"""

import ast
from collections.abc import Callable, Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGES = ("pydoom", "hostbridge")


def _module_name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _runtime_imports(node: ast.AST) -> Iterator[ast.Import | ast.ImportFrom]:
    """Import statements below `node`, except those under ``if TYPE_CHECKING``."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Import | ast.ImportFrom):
            yield child
        elif isinstance(child, ast.If) and "TYPE_CHECKING" in ast.unparse(child.test):
            for statement in child.orelse:
                yield from _runtime_imports(ast.Module([statement], []))
        else:
            yield from _runtime_imports(child)


def _imported(statement: ast.Import | ast.ImportFrom, package: str, modules: set[str]) -> Iterator[str]:
    """Those of `modules` that a statement imports; `package` is what leading dots count from."""
    if isinstance(statement, ast.Import):
        yield from (alias.name for alias in statement.names if alias.name in modules)
        return
    base = statement.module or ""
    if statement.level:
        parts = package.split(".")
        base = ".".join([*parts[: len(parts) - statement.level + 1], *([base] if base else [])])
    for alias in statement.names:
        name = f"{base}.{alias.name}"
        if name in modules:
            yield name
        elif base in modules:
            yield base


def _all_imports(tree: ast.AST) -> Iterator[ast.Import | ast.ImportFrom]:
    """Import statements below `tree`, also those for types alone."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            yield node


def import_graph(imports: Callable[[ast.AST], Iterator[ast.Import | ast.ImportFrom]]) -> dict[str, set[str]]:
    """For each module the modules of ours that it imports by one of the statements in `imports` of its tree."""
    paths = {_module_name(path): path for package in PACKAGES for path in (ROOT / package).rglob("*.py")}
    graph = {}
    for name, path in paths.items():
        package = name if path.name == "__init__.py" else name.rpartition(".")[0]
        tree = ast.parse(path.read_text(encoding="utf-8"))
        graph[name] = {
            imported for statement in imports(tree) for imported in _imported(statement, package, set(paths))
        }
    return graph


def cycles(graph: dict[str, set[str]]) -> list[list[str]]:
    """Strongly connected components of more than one module, or of one that imports itself."""
    found = []
    reachable = {name: _reachable(graph, name) for name in graph}
    left = set(graph)
    for name in sorted(graph):
        if name in left and name in reachable[name]:
            component = sorted(other for other in reachable[name] if name in reachable[other])
            found.append(component)
            left.difference_update(component)
    return found


def _reachable(graph: dict[str, set[str]], start: str) -> set[str]:
    seen: set[str] = set()
    pending = list(graph[start])
    while pending:
        name = pending.pop()
        if name not in seen:
            seen.add(name)
            pending.extend(graph[name])
    return seen


def test_a_cycle_is_found_also_through_a_lazy_import() -> None:
    graph = {"a": {"b"}, "b": {"c"}, "c": {"a"}, "d": {"a"}, "e": {"e"}, "f": set()}
    assert cycles(graph) == [["a", "b", "c"], ["e"]]


def test_imports_inside_functions_count_and_those_for_the_type_checker_do_not() -> None:
    source = """
from typing import TYPE_CHECKING
if TYPE_CHECKING:
    import p.a
else:
    import p.b
def f():
    from . import c, VERSION
    from p.d import g
"""
    modules = {"p", "p.a", "p.b", "p.c", "p.d"}
    statements = _runtime_imports(ast.parse(source))
    assert [name for node in statements for name in _imported(node, "p", modules)] == ["p.b", "p.c", "p", "p.d"]


def test_no_module_is_part_of_an_import_cycle() -> None:
    assert cycles(import_graph(_runtime_imports)) == []


def test_only_the_objects_of_a_level_refer_to_each_other_in_their_types() -> None:
    level = ["hooks", "level", "mobj", "player", "specials.state", "thinkers", "world"]
    assert cycles(import_graph(_all_imports)) == [[f"pydoom.sim.{name}" for name in level]]
