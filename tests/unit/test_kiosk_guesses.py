"""The limits on guesses at the kiosk's password."""

from __future__ import annotations

import asyncio
import time

import pytest

from pydoom.kiosk.guesses import Guess, GuessLimit, Rate


def test_wrong_answers_beyond_the_burst_are_slowed_down() -> None:
    async def check() -> float:
        limit = GuessLimit(of_one=Rate(3, 10.0))
        began = time.monotonic()
        verdicts = await asyncio.gather(*(limit.judge("10.0.0.1", right=False) for _ in range(9)))
        assert set(verdicts) == {Guess.WRONG}
        return time.monotonic() - began

    assert asyncio.run(check()) > 0.55, "six beyond the burst, a tenth of a second each"


def test_right_answers_do_not_count() -> None:
    async def check() -> None:
        limit = GuessLimit(of_one=Rate(2, 0.001), in_all=Rate(2, 0.001))
        for _ in range(50):
            assert await limit.judge("10.0.0.1", right=True) is Guess.RIGHT
        assert await limit.judge("10.0.0.1", right=False) is Guess.WRONG
        assert await limit.judge("10.0.0.1", right=True) is Guess.RIGHT

    asyncio.run(check())


def test_right_answer_among_wrong_ones_of_its_address_gets_its_turn() -> None:
    async def check() -> None:
        limit = GuessLimit(of_one=Rate(1, 50.0))
        guessing = [asyncio.create_task(limit.judge("10.0.0.1", right=False)) for _ in range(10)]
        await asyncio.sleep(0.01)
        more = [asyncio.create_task(limit.judge("10.0.0.1", right=False)) for _ in range(20)]
        owner = asyncio.create_task(limit.judge("10.0.0.1", right=True))
        later = [asyncio.create_task(limit.judge("10.0.0.1", right=False)) for _ in range(10)]
        assert await asyncio.wait_for(owner, 10) is Guess.RIGHT
        assert all(task.done() for task in guessing)
        assert not all(task.done() for task in later)
        for task in (*more, *later):
            task.cancel()

    asyncio.run(check())


def test_one_address_s_guesses_do_not_keep_others_waiting() -> None:
    async def check() -> None:
        limit = GuessLimit(of_one=Rate(1, 0.001), in_all=Rate(10, 0.001))
        guessing = [asyncio.create_task(limit.judge("10.0.0.1", right=False)) for _ in range(5)]
        await asyncio.sleep(0.01)
        assert await asyncio.wait_for(limit.judge("10.0.0.2", right=True), 5) is Guess.RIGHT
        for task in guessing:
            task.cancel()

    asyncio.run(check())


def test_many_addresses_together_are_limited_too() -> None:
    async def check() -> None:
        limit = GuessLimit(of_one=Rate(5, 1.0), in_all=Rate(3, 0.001))
        tasks = [asyncio.create_task(limit.judge(f"10.0.0.{number}", right=False)) for number in range(8)]
        await asyncio.sleep(0.1)
        assert sum(task.done() for task in tasks) == 3
        for task in tasks:
            task.cancel()

    asyncio.run(check())


def test_addresses_of_one_ipv6_network_count_as_one() -> None:
    async def check() -> None:
        limit = GuessLimit(of_one=Rate(1, 0.001))
        assert await limit.judge("2001:db8::1", right=False) is Guess.WRONG
        waiting = asyncio.create_task(limit.judge("2001:db8::2", right=False))
        other = asyncio.create_task(limit.judge("2001:db8:0:1::2", right=False))
        await asyncio.sleep(0.05)
        assert other.done()
        assert not waiting.done()
        waiting.cancel()

    asyncio.run(check())


def test_number_of_waiting_answers_is_limited_and_viewers_that_leave_make_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pydoom.kiosk.guesses.MAX_WAITING", 2)

    async def check() -> None:
        limit = GuessLimit(of_one=Rate(1, 0.001))
        await limit.judge("10.0.0.1", right=False)
        waiting = [asyncio.create_task(limit.judge("10.0.0.1", right=False)) for _ in range(2)]
        await asyncio.sleep(0.01)
        assert await limit.judge("10.0.0.1", right=True) is Guess.UNJUDGED
        waiting[0].cancel()
        await asyncio.sleep(0.01)
        third = asyncio.create_task(limit.judge("10.0.0.1", right=True))
        await asyncio.sleep(0.01)
        assert not third.done(), "it waits for its turn"
        for task in (third, waiting[1]):
            task.cancel()

    asyncio.run(check())


def test_addresses_are_forgotten() -> None:
    async def check() -> None:
        limit = GuessLimit(of_one=Rate(5, 1000.0), in_all=Rate(10_000, 1000.0))
        for number in range(500):
            await limit.judge(f"10.0.{number // 250}.{number % 250}", right=False)
            if number % 100 == 99:
                await asyncio.sleep(0.01)
        assert len(limit._lines) <= 101

    asyncio.run(check())
