"""Bytes in flight are bounded per stream, per app and per process."""

import asyncio
from collections.abc import Awaitable

from ingest_server.budget import Account, Budget, Shares, weigh, weigh_undecoded

SHARES = Shares(process=100, app=60, stream=30)


async def waits(budget: Budget, account: Account) -> bool:
    """Whether the account would have to wait now."""
    return not await _within_moments(budget.room(account))


async def has_place(budget: Budget, app_id: int) -> bool:
    """Whether the app got a place to decode a message in."""
    return await _within_moments(budget.place(app_id))


async def _within_moments(allowed: Awaitable[None]) -> bool:
    try:
        async with asyncio.timeout(0.01):
            await allowed
    except TimeoutError:
        return False
    return True


def test_each_share_holds_back_those_that_used_it_up() -> None:
    async def scenario() -> None:
        budget = Budget(SHARES)
        first, second, third, other = Account(1), Account(1), Account(1), Account(2)
        budget.charge(first, 30)
        assert await waits(budget, first), "its own share"
        assert not await waits(budget, second)
        budget.charge(second, 29)
        assert not await waits(budget, second)
        budget.charge(third, 5)
        assert await waits(budget, third), "its app's share"
        assert not await waits(budget, other)
        budget.charge(other, 36)
        assert await waits(budget, Account(3)), "the process's share"
        assert budget.used == 100

    asyncio.run(scenario())


def test_apps_that_flood_leave_room_for_those_that_use_next_to_nothing() -> None:
    async def scenario() -> None:
        budget = Budget(Shares(process=6_400, app=6_400, stream=6_400))
        budget.charge(Account(1), 5_600)
        small, tiny = Account(2), Account(3)
        budget.charge(small, 100)
        budget.charge(tiny, 99)
        assert await waits(budget, Account(1)), "seven eighths are used"
        assert await waits(budget, small), "it has its part of what is kept"
        assert not await waits(budget, tiny)
        budget.charge(Account(4), 601)
        assert await waits(budget, tiny), "the process's share"

    asyncio.run(scenario())


def test_released_bytes_let_the_longest_waiting_go_on() -> None:
    async def scenario() -> None:
        budget = Budget(SHARES)
        busy, idle = Account(1), Account(1)
        budget.charge(busy, 60)
        order: list[str] = []

        async def wait(name: str, account: Account) -> None:
            await budget.room(account)
            order.append(name)

        tasks = [asyncio.create_task(wait("idle", idle)), asyncio.create_task(wait("busy", busy))]
        await asyncio.sleep(0)
        budget.charge(busy, -1)
        await asyncio.wait(tasks, timeout=0.02)
        assert order == ["idle"]
        budget.charge(busy, -59)
        await asyncio.wait(tasks, timeout=1)
        assert order == ["idle", "busy"]
        assert budget.used == 0

    asyncio.run(scenario())


def test_a_waiter_that_leaves_is_forgotten() -> None:
    async def scenario() -> None:
        budget, account = Budget(SHARES), Account(1)
        budget.charge(account, 30)
        assert await waits(budget, account)
        budget.charge(account, -30)
        assert not await waits(budget, account)

    asyncio.run(scenario())


def test_what_is_decoded_and_what_waits_for_it_share_one_bound() -> None:
    async def scenario() -> None:
        budget = Budget(SHARES)
        waiting = [Account(1) for _ in range(6)]
        for account in waiting:
            budget.charge(account, 5)
        assert await has_place(budget, 1)
        budget.charge(waiting[0], 30)
        assert not await has_place(budget, 1), "its app's share, by one that is decoded and five that wait"
        budget.charge(waiting[0], -25)
        assert await has_place(budget, 1), "it turned out to be smaller"

    asyncio.run(scenario())


def test_messages_that_fill_a_share_are_decoded_one_by_one() -> None:
    async def scenario() -> None:
        budget = Budget(SHARES)
        for app_id in (1, 1, 1, 2, 2):
            budget.charge(Account(app_id), 25)
        assert budget.used > SHARES.process
        assert await has_place(budget, 1), "else nobody would ever go on"
        assert not await has_place(budget, 2)
        budget.leave(1)
        assert await has_place(budget, 2)

    asyncio.run(scenario())


def test_a_full_app_goes_on_one_by_one_beside_others() -> None:
    async def scenario() -> None:
        budget = Budget(SHARES)
        assert await has_place(budget, 2)
        for _ in range(3):
            budget.charge(Account(1), 22)
        assert await has_place(budget, 1)
        assert not await has_place(budget, 1)

    asyncio.run(scenario())


def test_each_that_goes_on_wakes_the_next() -> None:
    async def scenario() -> None:
        budget, busy = Budget(SHARES), Account(1)
        budget.charge(busy, 60)
        order: list[int] = []

        async def read(number: int) -> None:
            await budget.room(Account(1))
            order.append(number)
            if number == 1:
                budget.charge(busy, 60)

        tasks = [asyncio.create_task(read(number)) for number in range(3)]
        await asyncio.sleep(0)
        gone = asyncio.create_task(budget.room(Account(1)))
        await asyncio.sleep(0)
        tasks[0].cancel()
        budget.charge(busy, -60)
        await asyncio.wait(tasks, timeout=0.02)
        assert order == [1], "the first one is gone, the second took all"
        budget.charge(busy, -60)
        await asyncio.wait([*tasks, gone], timeout=1)
        assert order == [1, 2]
        assert gone.done()

    asyncio.run(scenario())


def test_a_message_may_not_weigh_more_than_was_reckoned_with() -> None:
    assert weigh_undecoded(190_000, 5_000) == weigh(190_000, 5_000)
    assert weigh_undecoded(100, 5_000) == weigh(100, 50)


def test_many_small_events_weigh_more_than_their_bytes() -> None:
    assert weigh(10_000, 5_000) > 100 * weigh(10_000, 1)
