"""The game's one reader of JSON raises one kind of error."""

from __future__ import annotations

import pytest

from pydoom import parsing


@pytest.mark.parametrize("text", [b"", b"{", b"\xff", b"[" * 100_000, b'{"a":' * 50_000, b"1" * 5000, "nonsense"])
def test_whatever_is_no_json_is_a_value_error(text: str | bytes) -> None:
    with pytest.raises(ValueError):
        parsing.json_value(text)
