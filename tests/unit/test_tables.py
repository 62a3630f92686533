"""The original's tables, entry for entry: digests of them as they are in ``tables.c`` and ``m_random.c``."""

import array
import hashlib

import pytest

from pydoom.data import tables

DIGESTS = {
    "FINESINE": (10240, "0443bcfda9ae73670de884307f756bcf9ff4e710781a350e2a8adcf33ffa1c91"),
    "FINETANGENT": (4096, "3b81da0508a90db789640477ccb2247aa2895ce3c90c036aefd6cde988d8d3ed"),
    "TANTOANGLE": (2049, "9566e5c8aba38f0168943fe7b256b21b6270a7e3363f49a01cf4e81e26aecbba"),
    "RNDTABLE": (256, "e63648385adb9b4834491476cb39b8c29820d0549e9756ed8d57a973f4f03fc7"),
}
"""Number of entries, and SHA-256 of the entries as little-endian 64-bit ints."""


@pytest.mark.parametrize("name", DIGESTS)
def test_table_has_the_originals_entries(name: str) -> None:
    table = getattr(tables, name)
    assert (len(table), hashlib.sha256(array.array("q", table).tobytes()).hexdigest()) == DIGESTS[name]


def test_cosine_is_the_sine_a_quarter_turn_on() -> None:
    assert len(tables.FINECOSINE) == tables.FINEANGLES
    assert tables.FINESINE[tables.FINEANGLES // 4 :] == tables.FINECOSINE
