"""All fuzzers by name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from tests.fuzz.fuzz_dehacked import DehackedFuzzer
from tests.fuzz.fuzz_engine import DockerFuzzer, GateFuzzer, HttpFuzzer, PodsFuzzer, SwarmFuzzer
from tests.fuzz.fuzz_files import DemoFuzzer, PwadFuzzer, SaveFuzzer, SmallWadFuzzer, SongFuzzer
from tests.fuzz.fuzz_page import PageFuzzer, RfbFuzzer
from tests.fuzz.fuzz_protocol import DecoderFuzzer, HelperFuzzer, SocketFuzzer
from tests.fuzz.fuzz_report import JournalFuzzer, ReportFuzzer
from tests.fuzz.fuzz_settings import KubeconfigFuzzer, PolicyFuzzer, SettingsFuzzer
from tests.fuzz.fuzz_wire import WireFuzzer
from tests.fuzz.harness import Fuzzer

FUZZERS: Final[dict[str, Callable[[], Fuzzer]]] = {
    made.name: made
    for made in (
        *(DecoderFuzzer, SocketFuzzer, HelperFuzzer, WireFuzzer, PolicyFuzzer, SettingsFuzzer, KubeconfigFuzzer),
        *(
            DockerFuzzer,
            SwarmFuzzer,
            PodsFuzzer,
            HttpFuzzer,
            GateFuzzer,
            PageFuzzer,
            RfbFuzzer,
            ReportFuzzer,
            JournalFuzzer,
        ),
        *(SmallWadFuzzer, PwadFuzzer, DemoFuzzer, SaveFuzzer, DehackedFuzzer, SongFuzzer),
    )
}
