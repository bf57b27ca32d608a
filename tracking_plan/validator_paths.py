"""The validator's instance paths, made exact.

jsonschema-rs gives a path as a list read back from a JSON Pointer: a name that parses as an index comes as a
number ("007" and "+7" as 7), and an empty name is left out.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from tracking_plan.json_values import Path, same_json


def is_lossy(name: str) -> bool:
    """Whether the validator's paths do not tell this property name."""
    return name == "" or (name[0] in "+0" and name != "0" and name.removeprefix("+").isdecimal())


def exact_path(payload: Any, path: Sequence[str | int], instance: Any, *, of_property: bool = False) -> Path:
    """The path of a value in the payload; `instance` decides between several.

    It is the value there, or that of one of its properties (`of_property`).
    """
    plain = _plain(payload, path)
    if plain is not None:
        return plain
    found = list(_matches(payload, path))
    holds = _has_property if of_property else same_json
    return next(
        (each for each in found if holds(_value(payload, each), instance)),
        found[0] if found else tuple(path),
    )


def _has_property(node: Any, value: Any) -> bool:
    return isinstance(node, dict) and any(same_json(each, value) for each in node.values())


def _plain(node: Any, path: Sequence[str | int]) -> Path | None:
    """The path itself where nothing about it is doubtful."""
    for step in path:
        if isinstance(node, dict):
            if isinstance(step, int) or "" in node:
                return None
            node = node[step]
        else:
            node = node[step]
    return None if isinstance(node, dict) and "" in node else tuple(path)


def _matches(payload: Any, path: Sequence[str | int]) -> Iterator[Path]:
    """All places that the validator calls by this path, the shortest first."""
    pending: list[tuple[Path, Any, int]] = [((), payload, 0)]
    while pending:
        here, node, done = pending.pop(0)
        if done == len(path):
            yield here
        if isinstance(node, dict):
            for name, child in node.items():
                if name == "":
                    pending.append(((*here, name), child, done))
                elif done < len(path) and _is_called(name, path[done]):
                    pending.append(((*here, name), child, done + 1))
        elif isinstance(node, list) and done < len(path):
            step = path[done]
            if isinstance(step, int) and step < len(node):
                pending.append(((*here, step), node[step], done + 1))


def _is_called(name: str, step: str | int) -> bool:
    if isinstance(step, str):
        return name == step
    digits = name.removeprefix("+")
    return digits.isascii() and digits.isdecimal() and (digits.lstrip("0") or "0") == str(step)


def _value(payload: Any, path: Path) -> Any:
    for step in path:
        payload = payload[step]
    return payload
