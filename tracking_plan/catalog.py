"""Payload shapes: which fields of which JSON types a payload has, without its values.

The hot path counts shapes; each distinct shape of a group is expanded to (path, type) pairs once.
"""

from collections.abc import Hashable, Iterator
from functools import cache
from sys import getsizeof
from typing import Any

from tracking_plan.json_values import pointer_token, type_name

#: Paths longer than this, in bytes of UTF-8, are left out of the catalog.
MAX_PATH_BYTES = 512
#: Containers below this many levels count as empty: nobody charts a field that deep.
MAX_LEVELS = 64

#: A shape: the type of a scalar; for an object its names and the shapes of their values, as ("o", (names),
#: (shapes)); for an array the distinct shapes of its items, as ("a", {shapes}).
Shape = Any

_OBJECT, _ARRAY = "o", "a"
#: Of payloads with no more names equal short ones are the same object: orjson keeps two thousand, by their
#: hashes, of so many bytes at most.
_SHARED_NAMES = 500
_SHARED_NAME_BYTES = 64
_EMPTY_OBJECT: Shape = (_OBJECT, (), ())


def shape_of(payload: dict[str, Any]) -> Hashable:
    """A hashable that is equal for payloads of equal names (in equal order) and types. 1 µs for 7 scalars.

    Below MAX_LEVELS levels containers count as empty. `payload` holds what orjson makes of JSON.
    """
    types = tuple(map(type, payload.values()))
    if dict not in types and list not in types:
        return _OBJECT, tuple(payload), types
    shape: Hashable = _nested(payload, MAX_LEVELS)
    return shape


def _nested(value: Any, levels: int) -> Shape:
    kind = type(value)
    if kind is dict:
        if not levels or not value:
            return _EMPTY_OBJECT
        return _OBJECT, tuple(value), tuple([_nested(child, levels - 1) for child in value.values()])
    if kind is list:
        return _array(frozenset([_nested(child, levels - 1) for child in value] if levels else ()))
    return kind


def _array(items: frozenset[Shape]) -> Shape:
    return (_ARRAY, items) if any(type(item) is tuple for item in items) else _scalar_array(items)


@cache
def _scalar_array(items: frozenset[type]) -> Shape:
    """One object for all arrays of equal types: there are few, and alone each takes many times its JSON."""
    return _ARRAY, items


def memory_of(shape: Hashable, count: int) -> int:
    """Bytes that so many equal shapes take together."""
    names: list[str] = []
    size = 0
    pending: list[Shape] = [shape]
    while pending:
        kind, *parts = part = pending.pop()
        if kind == _OBJECT:
            size += getsizeof(part) + sum(map(getsizeof, parts))
            names += parts[0]
            pending += [child for child in parts[1] if type(child) is tuple]
        elif nested := [item for item in parts[0] if type(item) is tuple]:
            size += getsizeof(part) + getsizeof(parts[0])
            pending += nested
    shared = [name for name in names if _is_short(name)] if len(names) <= _SHARED_NAMES else []
    once = sum(map(getsizeof, shared))
    return (size + sum(map(getsizeof, names)) - once) * count + once


def _is_short(name: str) -> bool:
    return len(name.encode(errors="replace")) <= _SHARED_NAME_BYTES


def expand(shape: Hashable) -> tuple[tuple[str, str], ...]:
    """The distinct (JSON Pointer, JSON type) pairs of a shape, sorted; `*` stands for every array index.

    Types: null, boolean, integer, number, string, array, object. The root object is not listed. A property
    that is really named `*` under an object shares the path of an array's items.
    """
    return tuple(sorted(set(_pairs(shape, ""))))


def _pairs(shape: Shape, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(shape, type):
        return
    if shape[0] == _OBJECT:
        children = [(f"{path}/{pointer_token(name)}", child) for name, child in zip(*shape[1:], strict=True)]
    else:
        children = [(f"{path}/*", child) for child in shape[1]]
    for child_path, child in children:
        if len(child_path.encode(errors="replace")) <= MAX_PATH_BYTES:
            yield child_path, _type_name(child)
            yield from _pairs(child, child_path)


def _type_name(shape: Shape) -> str:
    if isinstance(shape, type):
        return type_name(shape)
    return "object" if shape[0] == _OBJECT else "array"
