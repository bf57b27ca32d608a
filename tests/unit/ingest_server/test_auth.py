"""Keys: which call belongs to which app."""

import asyncio
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest

from ingest_server.auth import MAX_UNKNOWN, Authenticator, KeyRing, bearer_key
from ingest_server.errors import TooManyUnknownKeys, Unauthenticated
from storage.errors import Unavailable
from storage.keys import StoredKey, key_hash

KEY = "lvd_" + "a" * 12 + "_" + "s" * 32
OTHER = "lvd_" + "b" * 12 + "_" + "s" * 32
FORGED = "lvd_" + "a" * 12 + "_" + "t" * 32


def stored(key: str, key_id: int) -> StoredKey:
    return StoredKey(key_id, 7, "shop", key.split("_")[1], key_hash(key))


class Crossed:
    """A key table whose first reading is overtaken by a second one before it brings what it read."""

    def __init__(self, before: Sequence[StoredKey], after: Sequence[StoredKey]) -> None:
        self.ring = KeyRing(self._load)
        self._before, self._after = before, after
        self.first_ends_away = False

    def _load(self) -> Sequence[StoredKey]:
        if self._before is self._after:
            return self._after
        read, self._before = self._before, self._after
        self.ring.refresh()
        if self.first_ends_away:
            raise Unavailable("away")
        return read


class Database:
    """Stands for the key table."""

    def __init__(self, *keys: StoredKey) -> None:
        self.keys = keys
        self.away = False
        self.reads = 0

    def load(self) -> Sequence[StoredKey]:
        self.reads += 1
        if self.away:
            raise Unavailable("away")
        return self.keys


class Held(Database):
    """A key table whose next reading takes until it is let go."""

    def __init__(self, *keys: StoredKey) -> None:
        super().__init__(*keys)
        self.begun, self.go = Event(), Event()

    def load(self) -> Sequence[StoredKey]:
        keys = super().load()
        if not self.begun.is_set():
            self.begun.set()
            assert self.go.wait(30)
        return keys


def authenticate(ring: KeyRing, *keys: str) -> list[StoredKey]:
    async def all_at_once() -> list[StoredKey]:
        with ThreadPoolExecutor(1) as pool:
            authenticator = Authenticator(ring, pool)
            calls = (authenticator.authenticate([("authorization", f"Bearer {key}")]) for key in keys)
            return list(await asyncio.gather(*calls))

    return asyncio.run(all_at_once())


@pytest.mark.parametrize(
    "metadata",
    [
        [],
        [("authorization", KEY)],
        [("authorization", "Bearer ")],
        [("authorization", f"Basic {KEY}")],
        [("x-api-key", KEY)],
        [("authorization", KEY.encode())],
    ],
)
def test_without_a_bearer_key_nobody_comes_in(metadata: list[tuple[str, str | bytes]]) -> None:
    with pytest.raises(Unauthenticated):
        bearer_key(metadata)


def test_scheme_and_spaces_are_read_as_http_does() -> None:
    assert bearer_key([("x", "y"), ("Authorization", f"bearer  {KEY} ")]) == KEY


def test_a_known_key_is_found_without_asking_the_database() -> None:
    database = Database(stored(KEY, 1), stored(OTHER, 2))
    ring = KeyRing(database.load)
    ring.refresh()
    assert [key.key_id for key in authenticate(ring, OTHER, KEY)] == [2, 1]
    assert database.reads == 1


def test_a_key_made_a_moment_ago_is_found_by_asking_once() -> None:
    database = Database()
    ring = KeyRing(database.load)
    ring.refresh()
    database.keys = (stored(KEY, 1),)
    assert [key.key_id for key in authenticate(ring, KEY, KEY, KEY)] == [1, 1, 1]
    assert database.reads == 2


def test_who_waits_for_a_reading_that_was_given_up_is_not_told_what_nobody_read() -> None:
    database = Held(stored(KEY, 1))
    asked = [("authorization", f"Bearer {KEY}")]

    async def scenario() -> StoredKey:
        with ThreadPoolExecutor(3) as pool:
            authenticator = Authenticator(KeyRing(database.load), pool)
            first, second = (asyncio.create_task(authenticator.authenticate(asked)) for _ in range(2))
            try:
                await asyncio.get_running_loop().run_in_executor(pool, database.begun.wait, 30)
                first.cancel()
                return await second
            finally:
                database.go.set()

    assert asyncio.run(scenario()).key_id == 1


def test_no_key_is_called_unknown_where_its_reading_failed() -> None:
    """Such as from a database whose backup is just being put back: it has no tables yet."""

    def load() -> Sequence[StoredKey]:
        raise LookupError("no such table")

    async def scenario() -> list[StoredKey | BaseException]:
        with ThreadPoolExecutor(1) as pool:
            ring = KeyRing(lambda: ())
            ring.refresh()
            authenticator = Authenticator(ring, pool)
            ring._load = load
            asked = [("authorization", f"Bearer {KEY}")]
            calls = (authenticator.authenticate(asked) for _ in range(3))
            return await asyncio.gather(*calls, return_exceptions=True)

    first, *others = asyncio.run(scenario())
    assert isinstance(first, LookupError)
    assert {type(other) for other in others} == {Unavailable}


def test_so_many_unknown_keys_are_looked_up_at_once_and_known_ones_never_wait() -> None:
    ring = KeyRing(Database(stored(KEY, 1)).load)
    ring.refresh()

    async def scenario() -> None:
        with ThreadPoolExecutor(1) as pool:
            authenticator = Authenticator(ring, pool)
            unknown = [("authorization", f"Bearer {OTHER}")]
            waiting = [asyncio.create_task(authenticator.authenticate(unknown)) for _ in range(MAX_UNKNOWN)]
            await asyncio.sleep(0)
            with pytest.raises(TooManyUnknownKeys):
                await authenticator.authenticate(unknown)
            assert (await authenticator.authenticate([("authorization", f"Bearer {KEY}")])).key_id == 1
            ends = await asyncio.gather(*waiting, return_exceptions=True)
            assert {type(end) for end in ends} == {Unauthenticated}
            with pytest.raises(Unauthenticated):
                await authenticator.authenticate(unknown)

    asyncio.run(scenario())


def test_a_reading_that_was_overtaken_takes_no_new_key_away_and_brings_no_revoked_one_back() -> None:
    ring = Crossed(before=(stored(KEY, 1),), after=(stored(OTHER, 2),)).ring
    ring.refresh()
    assert ring.find(OTHER) is not None
    assert (ring.is_active(1), ring.is_active(2)) == (False, True)


def test_a_reading_that_failed_after_a_later_one_came_says_nothing() -> None:
    crossed = Crossed(before=(), after=(stored(OTHER, 2),))
    crossed.first_ends_away = True
    with pytest.raises(Unavailable):
        crossed.ring.refresh()
    assert not crossed.ring.stale


def test_a_key_that_is_found_is_active_too_while_a_reading_is_taken_up() -> None:
    """Or the first message of a call with a key that was just made would be refused."""

    class Looked(tuple[StoredKey, ...]):
        """Keys that are looked for just while they are gone through."""

        def __iter__(self) -> Iterator[StoredKey]:
            seen.append((ring.find(KEY) is not None, ring.is_active(1)))
            return super().__iter__()

    seen: list[tuple[bool, bool]] = []
    ring = KeyRing(lambda: Looked((stored(KEY, 1),)))
    ring.refresh()
    assert seen
    assert {found == active for found, active in seen} == {True}
    assert ring.is_active(1)


@pytest.mark.parametrize("presented", [FORGED, OTHER, "lvd_x_y", "é", "lvd_" + "a" * 12 + "_"])
def test_other_keys_are_refused(presented: str) -> None:
    ring = KeyRing(Database(stored(KEY, 1)).load)
    with pytest.raises(Unauthenticated):
        authenticate(ring, presented)


def test_keys_that_cannot_exist_do_not_ask_the_database() -> None:
    database = Database()
    ring = KeyRing(database.load)
    ring.refresh()
    with pytest.raises(Unauthenticated):
        authenticate(ring, "guess")
    assert database.reads == 1


def test_while_the_database_is_away_the_last_known_keys_go_on() -> None:
    database = Database(stored(KEY, 1))
    ring = KeyRing(database.load)
    ring.refresh()
    database.away = True
    with pytest.raises(Unavailable):
        ring.refresh()
    assert authenticate(ring, KEY)[0].key_id == 1
    assert ring.is_active(1)
    with pytest.raises(Unavailable):
        authenticate(ring, OTHER)


class Returning(KeyRing):
    """Keys that another thread reads again just after the second search for one."""

    def __init__(self, database: Database) -> None:
        super().__init__(database.load)
        self._database = database
        self._searches = 0

    def find(self, presented: str) -> StoredKey | None:
        found = super().find(presented)
        self._searches += 1
        if self._searches == 2:
            self._database.away = False
            self.refresh()
        return found


def test_a_key_is_not_called_unknown_because_the_database_came_back_after_it_was_searched_for() -> None:
    database = Database(stored(KEY, 1))
    database.away = True
    ring = Returning(database)
    with pytest.raises(Unavailable):
        authenticate(ring, KEY)
    assert not ring.stale


def test_a_revoked_key_is_not_active() -> None:
    database = Database(stored(KEY, 1), stored(OTHER, 2))
    ring = KeyRing(database.load)
    ring.refresh()
    database.keys = (stored(OTHER, 2),)
    ring.refresh()
    assert (ring.is_active(1), ring.is_active(2)) == (False, True)
    with pytest.raises(Unauthenticated):
        authenticate(ring, KEY)
