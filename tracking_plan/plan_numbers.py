"""Numbers that a plan cannot keep: stored as JSON they would be refused, or become null."""

from collections.abc import Iterator
from math import isfinite
from typing import Any

from tracking_plan.json_values import Path

#: What JSON readers and Postgres keep exactly.
_LEAST, _MOST = -(2**63), 2**64 - 1
#: How a number that is not kept is told of, behind the number; and what to do.
NOT_KEPT = "is a number that cannot be stored exactly"
NOT_KEPT_MEND = "write an integer of at most 64 bits, or a number that a double holds"


def unkept_numbers(value: Any) -> Iterator[tuple[Path, int | float]]:
    """Integers beyond 64 bits and infinities, with their paths, in document order."""
    pending: list[tuple[Path, Any]] = [((), value)]
    while pending:
        path, node = pending.pop()
        if isinstance(node, dict):
            pending.extend([((*path, key), child) for key, child in node.items()][::-1])
        elif isinstance(node, list):
            pending.extend([((*path, index), child) for index, child in enumerate(node)][::-1])
        elif not is_kept(node):
            yield path, node


def is_kept(node: Any) -> bool:
    """Whether a value that holds no other is stored as it is."""
    if isinstance(node, float):
        return isfinite(node)
    return not isinstance(node, int) or _LEAST <= node <= _MOST
