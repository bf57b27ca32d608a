"""What a URL's query says, as Dash hands it over: repeated keys come as lists."""

from collections.abc import Mapping

from dashboard.filters import MAX_VALUE_CHARS, MAX_VALUES

Query = Mapping[str, str | list[str]]


def one(query: Query, key: str) -> str:
    """The key's first value; "" without one."""
    return next(iter(many(query, key)), "")


def many(query: Query, key: str) -> list[str]:
    """All values of the key, at most MAX_VALUES."""
    value = query.get(key, [])
    return [value] if isinstance(value, str) else value[:MAX_VALUES]


def texts(query: Query, key: str) -> tuple[str, ...]:
    """Values that can be filtered by, each once."""
    fitting = (value for value in many(query, key) if 0 < len(value) <= MAX_VALUE_CHARS)
    return tuple(dict.fromkeys(fitting))
