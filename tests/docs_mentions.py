"""Commands that README.md and docs/ mention in a sentence or a table: each is understood, though nothing is done.

Our programs get one unknown flag and must complain about only that one. Benchmarks print their flags; `make` prints
what it would do; files, targets and arguments given to Docker must exist.
"""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from itertools import pairwise
from typing import Final

from tests.conftest import ROOT

_MENTION: Final = re.compile(r"`((?:docker|python -m|pydoom|hostbridge|make) [^`\n]+)`")
_FENCED: Final = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
_IMPOSSIBLE: Final = "--no-such-flag"


def all_mentions() -> list[str]:
    """The text of each command, once."""
    found = set()
    for path in (ROOT / "README.md", *(ROOT / "docs").rglob("*.md")):
        found.update(_MENTION.findall(_FENCED.sub("", path.read_text(encoding="utf-8"))))
    return sorted(found)


def check(mention: str) -> None:
    """Assert that the command would be accepted."""
    words = shlex.split(mention)
    if words[0] == "make":
        _check_make(words)
    elif words[0] == "docker":
        _check_docker(words)
    elif words[:2] == ["python", "-m"] and words[2].startswith("benchmarks"):
        _check_benchmark(words)
    else:
        _check_ours(words)


def _run(words: list[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(words, cwd=ROOT, capture_output=True, text=True, timeout=60)


def _check_make(words: list[str]) -> None:
    done = _run(["make", "--dry-run", *words[1:]])
    assert done.returncode == 0, done.stderr


def _check_benchmark(words: list[str]) -> None:
    text = _run([sys.executable, *words[1:3], "--help"]).stdout
    assert text, words
    for flag in filter(lambda word: word.startswith("--"), words):
        assert flag in text, f"{words[2]} has no {flag}"


def _check_ours(words: list[str]) -> None:
    module = words[1:] if words[0] == "python" else ["-m", *words]
    if "--help" in words or "--version" in words:
        assert _run([sys.executable, *module]).returncode == 0
        return
    done = _run([sys.executable, *module, _IMPOSSIBLE])
    assert done.returncode == 2, done.stderr
    first = re.search(r"(?:unrecognized arguments:|unknown option) ([^\s;]+)", done.stderr)
    assert first, done.stderr
    assert first[1] == _IMPOSSIBLE, done.stderr


def _check_docker(words: list[str]) -> None:
    dockerfile = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    for flag, value in pairwise(words):
        if flag == "-f" and value.endswith(".yaml"):
            assert (ROOT / value).is_file(), value
        elif flag == "--target":
            assert re.search(rf"^FROM .* AS {value}$", dockerfile, re.MULTILINE), value
        elif flag == "--build-arg":
            assert re.search(rf"^ARG {value.partition('=')[0]}\b", dockerfile, re.MULTILINE), value
