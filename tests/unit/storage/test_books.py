"""Which entries rollups keep apart."""

from collections.abc import Iterable
from typing import Any

from storage.books import Book, Key

KEY: Key = (1, "Order")


class Table:
    """Stands for what the database has."""

    def __init__(self, *entries: str) -> None:
        self.entries: set[str] = set(entries)
        self.reads = 0

    def load(self, _cursor: Any, _key: Key) -> Iterable[str]:
        self.reads += 1
        return self.entries


def test_a_full_key_is_read_anew_now_and_then_as_retention_makes_room() -> None:
    now, table = [0.0], Table("a", "b")
    book = Book(2, table.load, clock=lambda: now[0])

    def admitted(*wanted: str) -> set[str]:
        entries = book.admit(None, KEY, set(wanted))
        book.learn(KEY, entries)
        return set(entries)

    assert admitted("c") == {"a", "b"}
    table.entries = {"b"}
    for now[0] in (1_000.0, 1_100.0):
        assert admitted("c", "d") == {"b", "c"}
        table.entries = {"b", "c"}
    assert table.reads == 2
    now[0] = 1_700.0
    table.entries = set()
    assert admitted("d") == {"d"}


def test_who_wants_what_is_known_does_not_put_the_next_reading_off() -> None:
    now, table = [0.0], Table("a", "b")
    book = Book(2, table.load, clock=lambda: now[0])
    book.learn(KEY, book.admit(None, KEY, {"a"}))
    book.learn(KEY, book.admit(None, KEY, {"c"}))
    table.entries = {"a"}
    for now[0] in (300.0, 601.0, 602.0):
        book.learn(KEY, book.admit(None, KEY, {"a"}))
    assert book.admit(None, KEY, {"c"}) == {"a", "c"}


def test_room_that_a_transaction_found_is_there_for_the_next_if_it_was_rolled_back() -> None:
    now, table = [0.0], Table("a", "b")
    book = Book(2, table.load, clock=lambda: now[0])
    book.learn(KEY, book.admit(None, KEY, {"a"}))
    table.entries = {"a"}
    for _ in range(2):
        assert book.admit(None, KEY, {"c"}) == {"a", "c"}
