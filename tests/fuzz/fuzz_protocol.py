"""Coverage-guided fuzzing of the bridge's decoder; opt-in, since it runs as long as you let it.

    pip install atheris && python -m tests.fuzz.fuzz_protocol -max_total_time=60

Checked for every input: the decoder raises nothing, gives the same requests however the bytes are cut, keeps no more
than one line, and reads a kill only where one was asked for.
"""

from __future__ import annotations

import sys

import atheris

with atheris.instrument_imports(include=["hostbridge"]):
    from hostbridge.protocol.decoder import MAX_LINE, Decoder
    from hostbridge.protocol.requests import KillRequest, Request, TextKill


def requests(data: bytes, size: int) -> list[Request]:
    """What comes out when the bytes come in pieces of `size`."""
    decoder = Decoder()
    found: list[Request] = []
    for start in range(0, len(data), size):
        found += decoder.receive(data[start : start + size])
        assert len(decoder._buffer) <= MAX_LINE + size
    return found + decoder.end()


def check(data: bytes) -> None:
    """One input."""
    whole = requests(data, max(len(data), 1))
    assert whole == requests(data, 1 + len(data) // 7)
    for request in whole:
        if isinstance(request, TextKill):
            assert data.lstrip().startswith(b"kill")
        if isinstance(request, KillRequest):
            assert b'"type"' in data or b"\\u" in data


if __name__ == "__main__":
    atheris.Setup(sys.argv, check)
    atheris.Fuzz()
