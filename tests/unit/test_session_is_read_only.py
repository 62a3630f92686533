"""The session's state is its own: nobody else assigns to its fields."""

import ast
from pathlib import Path

import pytest

from pydoom.game.session import Session
from pydoom.game.state import SessionState
from pydoom.wad import Assets

ROOT = Path(__file__).parents[2]
NAMES = frozenset({"session", "_session", "game", "_game"})
"""Names of variables and attributes that hold a session."""
FIELDS = sorted(name for name, value in vars(SessionState).items() if isinstance(value, property))


@pytest.mark.parametrize("name", FIELDS)
def test_state_cannot_be_assigned_from_outside(assets: Assets, name: str) -> None:
    session = Session(assets)
    with pytest.raises(AttributeError):
        setattr(session, name, getattr(session, name))


def _session_fields_assigned(tree: ast.AST) -> list[str]:
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            owner = node.value
            name = owner.id if isinstance(owner, ast.Name) else owner.attr if isinstance(owner, ast.Attribute) else ""
            if name in NAMES:
                found.append(ast.unparse(node))
    return found


def test_an_assignment_is_found() -> None:
    source = "session.over = True\nself._session.world.map, app.session.x = 1, 2\nself.game.y += 1\n"
    assert sorted(_session_fields_assigned(ast.parse(source))) == ["app.session.x", "self.game.y", "session.over"]


def test_no_module_assigns_to_a_field_of_a_session() -> None:
    found = {
        f"{path.relative_to(ROOT)}: {target}"
        for path in (ROOT / "pydoom").rglob("*.py")
        for target in _session_fields_assigned(ast.parse(path.read_text(encoding="utf-8")))
    }
    assert found == set()
