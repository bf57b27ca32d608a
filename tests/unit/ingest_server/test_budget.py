"""Bytes in flight are bounded per stream, per app and per process."""

import asyncio
from collections.abc import Awaitable

from ingest_server.budget import Account, Budget, Shares

SHARES = Shares(process=100, app=60, stream=30)


async def waits(budget: Budget, account: Account) -> bool:
    """Whether the account would have to wait now."""
    return not await _within_moments(budget.room(account))


async def decodes(budget: Budget, account: Account, size: int, decoded: int) -> bool:
    """Whether a message of the account got room to be decoded in."""
    return await _within_moments(budget.decode(account, size, decoded))


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
        assert await decodes(budget, waiting[0], 30, 35)
        assert not await decodes(budget, waiting[1], 0, 5), (
            "its app's share, by one decoded and five that wait"
        )
        budget.charge(waiting[0], -25, -25)
        assert await decodes(budget, waiting[1], 0, 5), "it turned out to be smaller"
        for account, size, decoded in ((waiting[0], 10, 10), (waiting[1], 5, 5)):
            budget.charge(account, -size, -decoded)
        for account in waiting[2:]:
            budget.charge(account, -5)
        assert budget.used == 0

    asyncio.run(scenario())


def test_of_messages_that_fill_a_share_some_are_decoded_all_the_same() -> None:
    """Up to a quarter of the app's share: else nobody would ever go on."""

    async def scenario() -> None:
        budget, account = Budget(SHARES), Account(1)
        budget.charge(account, 70)
        assert await decodes(budget, account, 7, 14)
        assert await decodes(budget, account, 7, 14)
        assert not await decodes(budget, account, 7, 14)
        budget.charge(account, -14, -14)
        assert await decodes(budget, account, 7, 14)

    asyncio.run(scenario())


def test_an_app_whose_batches_cannot_be_written_does_not_hold_up_others() -> None:
    async def scenario() -> None:
        budget, other = Budget(SHARES), Account(2)
        assert await decodes(budget, Account(1), 60, 60), "for ever"
        budget.charge(other, 59)
        assert budget.used > SHARES.process, "by messages of the other app that wait"
        assert await decodes(budget, other, 7, 14)
        assert not await decodes(budget, other, 7, 14), "three quarters of the process's share are decoded"
        budget.charge(other, -14, -14)
        assert await decodes(budget, other, 7, 14)

    asyncio.run(scenario())


def test_who_goes_on_takes_its_room_before_others_are_woken() -> None:
    async def scenario() -> None:
        budget, busy = Budget(SHARES), Account(1)
        budget.charge(busy, 60, 60)
        looked = [0]

        async def decode() -> None:
            await budget.decode(Account(1), 60, 60)
            looked[0] += 1

        tasks = [asyncio.create_task(decode()) for _ in range(5)]
        await asyncio.sleep(0)
        budget.charge(busy, -60, -60)
        woken = sum(waiter.woken.is_set() for waiter in budget._waiting)
        await asyncio.wait(tasks, timeout=0.02)
        assert (woken, looked[0], budget.used) == (1, 1, 60)
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
        assert not budget._waiting

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
