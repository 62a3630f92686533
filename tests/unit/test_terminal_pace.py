"""The pace of frames to a terminal: lines are used fully, and nothing queues in them."""

import math
from collections import deque

import pytest

from pydoom.devices.terminal_pace import Pace

TIC_S = 1 / 35


class SlowLine:
    """A line with a rate in bytes a second and a delay in seconds each way; its buffer takes everything."""

    def __init__(self, rate: float, delay: float) -> None:
        self.rate, self.delay = rate, delay
        self._free_at = -1.0
        self.answers: deque[float] = deque()
        self.lateness: list[float] = []

    def send(self, now: float, size: int) -> None:
        self._free_at = max(self._free_at, now + self.delay) + size / self.rate
        self.lateness.append(self._free_at - now)
        self.answers.append(self._free_at + self.delay)


def play(line: SlowLine, size: int, seconds: float, adapt: bool = False) -> Pace:
    """Offer a frame of `size` bytes every tic; with `adapt` no larger than the pace allows."""
    pace = Pace()
    pace.sent(-1.0, 0)
    line.send(-1.0, 0)
    line.lateness.clear()
    for tic in range(1, int(seconds / TIC_S)):
        now = tic * TIC_S
        while line.answers and line.answers[0] <= now:
            pace.answered(line.answers.popleft())
        if pace.allows(now):
            bytes_now = pace.budget(size, 1000) if adapt else size
            pace.sent(now, bytes_now)
            line.send(now, bytes_now)
    return pace


def test_a_fast_line_gets_every_frame() -> None:
    line = SlowLine(rate=10e6, delay=0.001)
    play(line, 40_000, 10)
    assert len(line.lateness) >= 349 - 1
    assert max(line.lateness) < TIC_S


@pytest.mark.parametrize("delay", [0.001, 0.02, 0.1])
@pytest.mark.parametrize("rate", [50_000, 200_000, 1_250_000])
def test_a_slow_line_gets_fewer_frames_and_they_are_not_late(rate: int, delay: float) -> None:
    line = SlowLine(rate, delay)
    play(line, 40_000, 30)
    a_frame = 40_000 / rate
    # its own time, that of the frame before it, and up to a tic
    assert max(line.lateness[5:]) <= delay + 2 * a_frame + TIC_S
    assert len(line.lateness) > 30 / max(a_frame + 2 * delay + TIC_S, TIC_S) - 5


def test_frames_that_may_shrink_come_thirty_five_times_a_second() -> None:
    line = SlowLine(rate=200_000, delay=0.01)
    play(line, 40_000, 30, adapt=True)
    assert len(line.lateness) > 30 * 30
    assert max(line.lateness[20:]) < 0.1


def test_a_delay_alone_costs_no_frames() -> None:
    line = SlowLine(rate=10e6, delay=0.05)
    play(line, 40_000, 10)
    assert len(line.lateness) > 10 * 32


def test_rate_and_delay_are_found() -> None:
    pace = play(SlowLine(rate=100_000, delay=0.02), 20_000, 10)
    assert pace.rate == pytest.approx(100_000, rel=0.1)
    assert pace.delay_s == pytest.approx(0.04, abs=0.001)


def test_a_terminal_that_never_answers_is_sent_everything() -> None:
    pace = Pace()
    for tic in range(100):
        assert pace.allows(tic * TIC_S)
        pace.sent(tic * TIC_S, 1000)
    assert not pace.owed
    assert math.isinf(pace.rate)


def test_a_lost_answer_is_not_awaited_forever() -> None:
    pace = Pace()
    pace.sent(0.0, 0)
    pace.answered(0.001)
    pace.sent(0.1, 5000)
    assert not pace.allows(0.2)
    assert pace.allows(3.2)
