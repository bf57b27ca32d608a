"""Bytes in flight are bounded per stream, per app and per process."""

import asyncio

from ingest_server.budget import Account, Budget, Shares, weigh

SHARES = Shares(process=100, app=60, stream=30)


async def waits(budget: Budget, account: Account) -> bool:
    """Whether the account would have to wait now."""
    try:
        async with asyncio.timeout(0.01):
            await budget.room(account)
    except TimeoutError:
        return True
    return False


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
        budget.release(busy, 1)
        await asyncio.wait(tasks, timeout=0.02)
        assert order == ["idle"]
        budget.release(busy, 59)
        await asyncio.wait(tasks, timeout=1)
        assert order == ["idle", "busy"]
        assert budget.used == 0

    asyncio.run(scenario())


def test_a_waiter_that_leaves_is_forgotten() -> None:
    async def scenario() -> None:
        budget, account = Budget(SHARES), Account(1)
        budget.charge(account, 30)
        assert await waits(budget, account)
        budget.release(account, 30)
        assert not await waits(budget, account)

    asyncio.run(scenario())


def test_many_small_events_weigh_more_than_their_bytes() -> None:
    assert weigh(10_000, 5_000) > 100 * weigh(10_000, 1)
