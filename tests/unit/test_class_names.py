"""No two classes of the game or the bridge have the same name, underscores aside."""

import ast
from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path

ROOT = Path(__file__).parents[2]


def _ambiguous(sources: Iterable[tuple[str, str]]) -> Mapping[str, list[str]]:
    """Class names that occur more than once in sources, each with the places."""
    places = defaultdict(list)
    for place, source in sources:
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.ClassDef):
                places[node.name.lstrip("_")].append(place)
    return {name: found for name, found in places.items() if len(found) > 1}


def test_duplicate_name_is_found() -> None:
    sources = [("a", "class Door: pass\nclass Key: pass"), ("b", "def f():\n    class _Door: pass")]
    assert _ambiguous(sources) == {"Door": ["a", "b"]}


def test_every_class_has_a_unique_name() -> None:
    paths = [path for package in ("pydoom", "hostbridge") for path in sorted((ROOT / package).rglob("*.py"))]
    assert not _ambiguous((str(path.relative_to(ROOT)), path.read_text(encoding="utf-8")) for path in paths)
