"""The bridge's log: what others put into names and weapons cannot forge lines, repaint terminals or fill disks."""

from __future__ import annotations

import logging
import re
import socket
import subprocess
import sys
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from hostbridge.host.logs import BURST, BURST_SECONDS, Flood, OneLine, printable
from tests.bridges import Talk, eventually


def line_of(message: str, *values: object) -> str:
    record = logging.LogRecord("hostbridge", logging.INFO, "", 0, message, values, None)
    return OneLine("hostbridge: %(message)s").format(record)


@given(st.text(st.characters() | st.characters(categories=["Cs", "Cc"])))
def test_a_name_always_stays_on_its_line(name: str) -> None:
    line = line_of("removed %s", name)
    assert line.isprintable()
    assert line.splitlines() == [line]


def test_ordinary_names_are_written_as_they_are() -> None:
    assert printable("web-1 größer") == "web-1 größer"
    assert printable("a\nb\x1b[2J\u2028") == "a\\nb\\x1b[2J\\u2028"


def test_a_flood_of_one_kind_is_held_back_and_counted_and_others_pass() -> None:
    now = [0.0]
    flood = Flood(lambda: now[0])

    def passes(kind: str) -> str:
        record = logging.LogRecord("hostbridge", logging.INFO, "", 0, kind, (7,), None)
        return record.getMessage() if flood.filter(record) else ""

    assert [bool(passes("refused uid %d")) for _ in range(BURST + 5)] == [True] * BURST + [False] * 5
    assert passes("removed %d") == "removed 7"
    now[0] = BURST_SECONDS
    assert passes("refused uid %d") == "refused uid 7 (and 5 like it, held back)"
    assert passes("refused uid %d") == "refused uid 7"


def test_a_client_cannot_forge_lines_through_its_weapon(tmp_path: Path) -> None:
    path = tmp_path / "s"
    command = [sys.executable, "-m", "hostbridge", "--backend", "simulated", "--fleet", "1", "--churn", "0"]
    # both outputs in one place, as `docker logs` shows them
    bridge = subprocess.Popen(
        [*command, "--socket", str(path), "--audit", "-"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    try:
        eventually(path.exists, 10)
        with socket.socket(socket.AF_UNIX) as client:
            client.settimeout(10)
            client.connect(str(path))
            talk = Talk(client)
            (only,) = talk.ask(type="list")["containers"]
            forged = '\n{"event":"intent","uid":0}\nhostbridge: bye\x1b[2J'
            assert talk.ask(type="kill", id=only["id"], weapon=forged)["type"] == "ok"
    finally:
        bridge.terminate()
        output, _ = bridge.communicate(timeout=10)
    assert bridge.returncode == 0
    assert not re.search(rb'^(\{"event"|hostbridge: bye)', output, re.MULTILINE)
    assert b"\x1b" not in output
    assert all(line.startswith((b"hostbridge: ", b'{"time"')) for line in output.splitlines())
