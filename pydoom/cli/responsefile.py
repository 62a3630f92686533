"""Response files: ``@FILE`` and ``-response FILE`` stand for the arguments in a file (``M_FindResponseFile``)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from pydoom.cli.grammar import OptionsError
from pydoom.files import open_to_read

MAX_FILE_BYTES: Final = 1 << 20
_FLAGS: Final = ("-response", "--response")
_WORD: Final = re.compile(r'\s*(?:"([^"\n]*)"|([^\s"]\S*))')


def insert_responses(words: Sequence[str]) -> list[str]:
    """The command line with response files replaced by their arguments.

    As in the original, files cannot include others with ``@``. Raises OptionsError for one that cannot be used.
    """
    result: list[str] = []
    rest = iter(words)
    for word in rest:
        if word.startswith("@") and len(word) > 1:
            result += _words_of(word[1:])
        elif word.lower() in _FLAGS:
            name = next(rest, None)
            if name is None:
                raise OptionsError(f"{word} needs a file")
            result += _words_of(name)
        else:
            result.append(word)
    return result


def _words_of(name: str) -> list[str]:
    path = Path(name)
    try:
        with open_to_read(path) as stream:
            data = stream.read(MAX_FILE_BYTES + 1)
    except OSError as error:
        raise OptionsError(f"response file {name}: {error.strerror or error}") from error
    if len(data) > MAX_FILE_BYTES:
        raise OptionsError(f"response file {name}: too large for a command line")
    return _split(data.decode("utf-8-sig", "surrogateescape"), name)


def _split(text: str, name: str) -> list[str]:
    words = []
    position = 0
    text = text.rstrip()
    while position < len(text):
        match = _WORD.match(text, position)
        if match is None:
            raise OptionsError(f"response file {name}: a quotation mark is not closed")
        words.append(match[1] if match[1] is not None else match[2])
        position = match.end()
    return words
