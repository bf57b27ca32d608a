"""Which alternative of a `oneOf` or `anyOf` a value was meant to be: what its discriminator says.

A discriminator is a property to which every alternative gives its own set of allowed values, as `action` in
{oneOf: [{properties: {action: {const: opened}}}, {properties: {action: {const: closed}}}]}.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from tracking_plan.schema_document import Schema, SchemaDocument

#: Property → the values it is bound to.
Constants = dict[str, list[Any]]
#: Alternatives within alternatives are searched this deep.
_MAX_LEVELS = 3


@dataclass(frozen=True, slots=True)
class Discriminator:
    """The property that tells alternatives apart, and what each of them allows there."""

    property: str
    #: Per alternative, in order: allowed values as canonical JSON text.
    allowed: tuple[frozenset[bytes], ...]
    #: The same as values, each once, in the order of the alternatives.
    values: tuple[Any, ...]
    #: Whether every alternative demands the property.
    required: bool

    def candidates(self, value: object) -> list[int]:
        """Alternatives that allow `value` in the discriminating property."""
        key = _key(value)
        return [index for index, allowed in enumerate(self.allowed) if key in allowed]


def _key(value: object) -> bytes:
    """Equal for values that JSON Schema calls equal: 1.0 is 1."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    try:
        return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
    except orjson.JSONEncodeError:
        return repr(value).encode(errors="backslashreplace")


def find_discriminator(document: SchemaDocument, alternatives: Sequence[Any]) -> Discriminator | None:
    """The discriminator of these alternatives, or None.

    Of several the one whose sets do not overlap counts, then the first that the first alternative names.
    """
    tables = [_constants(document, alternative) for alternative in alternatives]
    if len(tables) < 2:
        return None
    found = [_discriminator(document, name, tables, alternatives) for name in _shared(tables)]
    telling = [each for each in found if len(set(each.allowed)) > 1]
    return min(telling, key=_overlap, default=None)


def _discriminator(
    document: SchemaDocument, name: str, tables: list[Constants], alternatives: Sequence[Any]
) -> Discriminator:
    distinct = {_key(value): value for table in tables for value in table[name]}
    return Discriminator(
        property=name,
        allowed=tuple(frozenset(_key(value) for value in table[name]) for table in tables),
        values=tuple(distinct.values()),
        required=all(_requires(document, alternative, name) for alternative in alternatives),
    )


def _overlap(discriminator: Discriminator) -> int:
    """How many values are allowed by more than one alternative, counted with repetition."""
    return sum(len(allowed) for allowed in discriminator.allowed) - len(discriminator.values)


def _constants(document: SchemaDocument, alternative: Any, level: int = 0) -> Constants:
    """Per property that is bound to a `const` or `enum`: the allowed values, over nested alternatives too."""
    found: Constants = {}
    for part in document.in_place(alternative):
        for name, rule in part.get("properties", {}).items():
            if (values := _allowed_values(document, rule)) is not None:
                found.setdefault(name, values)
        for nested in _nested_alternatives(part, level):
            for name, values in _shared([_constants(document, each, level + 1) for each in nested]).items():
                found.setdefault(name, values)
    return found


def _allowed_values(document: SchemaDocument, rule: Any) -> list[Any] | None:
    for part in document.in_place(rule):
        if "const" in part and document.draft > 4:
            return [part["const"]]
        if isinstance(part.get("enum"), list):
            return list(part["enum"])
    return None


def _nested_alternatives(part: Schema, level: int) -> Iterator[list[Any]]:
    if level < _MAX_LEVELS:
        yield from (part[keyword] for keyword in ("oneOf", "anyOf") if part.get(keyword))


def _shared(tables: list[Constants]) -> Constants:
    """Names that every table binds, with all values that one of them allows."""
    names = [name for name in tables[0] if all(name in table for table in tables)]
    return {name: [value for table in tables for value in table[name]] for name in names}


def _requires(document: SchemaDocument, alternative: Any, name: str, level: int = 0) -> bool:
    return any(
        name in part.get("required", ())
        or any(
            all(_requires(document, each, name, level + 1) for each in nested)
            for nested in _nested_alternatives(part, level)
        )
        for part in document.in_place(alternative)
    )
