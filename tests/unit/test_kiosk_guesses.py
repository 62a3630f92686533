"""The limits on guesses at the kiosk's password. The clock is a virtual one: seconds and hours pass at once."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from pydoom.kiosk import guesses
from pydoom.kiosk.guesses import GUESSABLE, RANDOM, Entrance, Guess, GuessLimit, Rate
from tests import virtual_time

ADDRESS = "10.0.0.1"
PINS = 10_000


def now() -> float:
    return asyncio.get_running_loop().time()


@asynccontextmanager
async def hammering(limit: GuessLimit, clients: int, *doors: Entrance) -> AsyncIterator[None]:
    """So many clients of one address that send the next wrong answer as soon as one has been judged."""

    async def guess_for_ever(door: Entrance) -> None:
        while True:
            if await limit.judge(door, ADDRESS, right=False) is Guess.UNJUDGED:
                await asyncio.sleep(1)

    tasks = [asyncio.create_task(guess_for_ever(door)) for door in doors for _ in range(clients)]
    await asyncio.sleep(20)
    yield
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def seconds_to_get_in(limit: GuessLimit, door: Entrance, address: str = ADDRESS) -> float:
    began = now()
    assert await limit.judge(door, address, right=True) is Guess.RIGHT
    return now() - began


@pytest.mark.parametrize("clients", [1, 10, 300])
def test_all_numbers_of_four_digits_take_more_than_an_hour(clients: int) -> None:
    async def check() -> None:
        limit, pins = GuessLimit(), iter(range(PINS))

        async def guess(door: Entrance) -> None:
            for _ in pins:
                assert await limit.judge(door, ADDRESS, right=False) is Guess.WRONG

        await asyncio.gather(*(guess(door) for door, _ in zip(itertools.cycle(Entrance), range(clients), strict=False)))
        assert now() == pytest.approx((PINS - GUESSABLE.burst) / GUESSABLE.per_second, rel=0.01)
        assert now() > 80 * 60

    virtual_time.run(check())


def test_right_answer_is_not_refused_while_a_hundred_clients_of_its_address_guess() -> None:
    async def check() -> None:
        limit = GuessLimit()
        async with hammering(limit, 100, Entrance.VNC):
            # its turn comes after those before it, and not later
            assert await seconds_to_get_in(limit, Entrance.VNC) <= 101 / GUESSABLE.per_second

    virtual_time.run(check())


def test_guesses_at_one_door_delay_the_other_by_one_turn() -> None:
    async def check() -> None:
        limit = GuessLimit()
        async with hammering(limit, 500, Entrance.VNC):
            assert await seconds_to_get_in(limit, Entrance.PAGE) <= 2 / GUESSABLE.per_second
        async with hammering(limit, 500, Entrance.PAGE):
            assert await seconds_to_get_in(limit, Entrance.VNC) <= 2 / GUESSABLE.per_second

    virtual_time.run(check())


def test_guesses_of_one_address_delay_others_by_one_turn() -> None:
    async def check() -> None:
        limit = GuessLimit()
        async with hammering(limit, 500, *Entrance):
            for door in Entrance:
                assert await seconds_to_get_in(limit, door, "10.0.0.2") <= 3 / GUESSABLE.per_second

    virtual_time.run(check())


def test_random_password_makes_nobody_wait_long() -> None:
    async def check() -> None:
        limit = GuessLimit(RANDOM)
        async with hammering(limit, 100, *Entrance):
            for door in Entrance:
                assert await seconds_to_get_in(limit, door) <= 5

    virtual_time.run(check())


def test_right_answers_do_not_count() -> None:
    async def check() -> None:
        limit = GuessLimit(Rate(2, 0.001))
        for _ in range(50):
            assert await limit.judge(Entrance.VNC, ADDRESS, right=True) is Guess.RIGHT
        assert await limit.judge(Entrance.VNC, ADDRESS, right=False) is Guess.WRONG
        assert await limit.judge(Entrance.VNC, ADDRESS, right=True) is Guess.RIGHT
        assert now() == 0

    virtual_time.run(check())


def test_right_answer_tells_as_late_as_a_wrong_one() -> None:
    async def check() -> None:
        limit = GuessLimit(Rate(1, 1.0))
        assert await limit.judge(Entrance.VNC, ADDRESS, right=False) is Guess.WRONG
        assert await seconds_to_get_in(limit, Entrance.VNC) == pytest.approx(1)

    virtual_time.run(check())


def test_many_addresses_together_are_limited_too() -> None:
    async def check() -> None:
        limit = GuessLimit(Rate(3, 0.001))
        tasks = [asyncio.create_task(limit.judge(Entrance.VNC, f"10.0.0.{number}", right=False)) for number in range(8)]
        await asyncio.sleep(1)
        assert sum(task.done() for task in tasks) == 3
        for task in tasks:
            task.cancel()

    virtual_time.run(check())


def test_addresses_of_one_ipv6_network_count_as_one() -> None:
    async def check() -> None:
        limit = GuessLimit(Rate(1, 1.0))
        assert await limit.judge(Entrance.VNC, ADDRESS, right=False) is Guess.WRONG
        judged: list[str] = []

        async def guess(address: str) -> None:
            await limit.judge(Entrance.VNC, address, right=False)
            judged.append(address)

        one, same, other = "2001:db8::1", "2001:db8::2", "2001:db8:0:1::2"
        await asyncio.gather(guess(one), guess(same), guess(other))
        assert judged == [one, other, same], "lanes take turns"

    virtual_time.run(check())


def test_viewers_that_leave_are_neither_judged_nor_counted() -> None:
    async def check() -> None:
        limit = GuessLimit(Rate(1, 1.0))
        await limit.judge(Entrance.VNC, ADDRESS, right=False)
        leaving = [asyncio.create_task(limit.judge(Entrance.VNC, ADDRESS, right=False)) for _ in range(50)]
        await asyncio.sleep(0.1)
        for task in leaving:
            task.cancel()
        await asyncio.sleep(0.1)
        assert await seconds_to_get_in(limit, Entrance.VNC) < 1
        assert not limit._lanes

    virtual_time.run(check())


def test_full_waiting_room_refuses_the_longest_lane(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guesses, "MAX_WAITING", 3)

    async def check() -> None:
        limit = GuessLimit(Rate(1, 1.0))
        await limit.judge(Entrance.VNC, ADDRESS, right=False)
        waiting = [asyncio.create_task(limit.judge(Entrance.VNC, ADDRESS, right=False)) for _ in range(3)]
        await asyncio.sleep(0)
        assert await limit.judge(Entrance.VNC, ADDRESS, right=True) is Guess.UNJUDGED, "its own lane is the longest"
        assert await seconds_to_get_in(limit, Entrance.PAGE) <= 2
        assert [await task for task in waiting] == [Guess.WRONG, Guess.WRONG, Guess.UNJUDGED]

    virtual_time.run(check())


def test_nothing_is_kept_of_addresses_that_were_judged() -> None:
    async def check() -> None:
        limit = GuessLimit(Rate(5, 1000.0))
        for number in range(500):
            await limit.judge(Entrance.VNC, f"10.0.{number // 250}.{number % 250}", right=False)
        assert not limit._lanes

    virtual_time.run(check())
