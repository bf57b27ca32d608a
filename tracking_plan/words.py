"""Short words for what a schema asks, as a person would say them: `number ≥ 0`, `one of "a", "b"`."""

from collections.abc import Iterable, Sequence
from typing import Any

from tracking_plan.json_values import cut, json_text
from tracking_plan.schema_document import Schema, SchemaDocument

ANYTHING = "any value"
#: Longest `expected`, in characters: one line of a table's cell.
MAX_EXPECTED_CHARS = 200
_MAX_ENUM_VALUES = 10
_MAX_VALUE_CHARS = 40
_MAX_PATTERN_CHARS = 120
#: Alternatives within alternatives are described this deep.
_MAX_LEVELS = 4
_FORMAT_EXAMPLES = {
    "date-time": "2026-01-31T12:00:00Z",
    "date": "2026-01-31",
    "time": "12:00:00Z",
    "email": "ann@example.com",
    "uri": "https://example.com/path",
    "uuid": "123e4567-e89b-12d3-a456-426614174000",
}
_BOUNDS = (
    ("minimum", "≥"),
    ("exclusiveMinimum", ">"),
    ("maximum", "≤"),
    ("exclusiveMaximum", "<"),
)
_SIZES = (
    ("minLength", "maxLength", "character"),
    ("minItems", "maxItems", "item"),
    ("minProperties", "maxProperties", "property"),
)


def joined(words: Iterable[str]) -> str:
    """`a or b`, each once, in order."""
    return " or ".join(dict.fromkeys(words))


def type_words(types: Sequence[str]) -> str:
    """`string or null`: null, which is a side case, comes last."""
    return joined(sorted(types, key=lambda name: name == "null"))


def value_words(value: Any) -> str:
    """A constant, as JSON."""
    return json_text(value, _MAX_VALUE_CHARS)


def enum_words(values: Sequence[Any]) -> str:
    """`one of "a", "b"`; a long list is cut and its length told."""
    if len(values) == 1:
        return value_words(values[0])
    shown = ", ".join(value_words(value) for value in values[:_MAX_ENUM_VALUES])
    rest = len(values) - _MAX_ENUM_VALUES
    return f"one of {shown}" + (f" … ({len(values)} in all)" if rest > 0 else "")


def format_words(name: str) -> str:
    """`date, such as 2026-01-31`."""
    example = _FORMAT_EXAMPLES.get(name)
    return f"{name}, such as {example}" if example else name


def pattern_words(pattern: str) -> str:
    """`string matching ^[a-z]+$`."""
    return f"string matching {cut(pattern, _MAX_PATTERN_CHARS)}"


def count_words(bound: str, count: Any, noun: str) -> str:
    """`at least 1 character`, `at most 5 items`, `at least 2 properties`."""
    plural = "properties" if noun == "property" else f"{noun}s"
    return f"{bound} {value_words(count)} {noun if count == 1 else plural}"


def expected_words(document: SchemaDocument, node: Any, level: int = 0) -> str:
    """What a (sub)schema asks of a value, in at most MAX_EXPECTED_CHARS characters."""
    if node is False:
        return "nothing"
    parts = list(document.in_place(node))
    told = _alternative_words(document, parts, level) or rules_words(parts)
    return cut(told, MAX_EXPECTED_CHARS)


def _alternative_words(document: SchemaDocument, parts: list[Schema], level: int) -> str:
    if level >= _MAX_LEVELS:
        return ""
    for part in parts:
        for keyword in ("oneOf", "anyOf"):
            if isinstance(alternatives := part.get(keyword), list):
                told = [expected_words(document, each, level + 1) for each in alternatives]
                return joined(words for words in told if words != ANYTHING)
    return ""


def rules_words(parts: Sequence[Schema]) -> str:
    """What several schemas together ask of one value; where two speak of the same, the first counts."""
    merged: Schema = {}
    for part in reversed(parts):
        merged.update(part)
    if "const" in merged:
        return value_words(merged["const"])
    if isinstance(merged.get("enum"), list):
        return enum_words(merged["enum"])
    return _typed_words(merged) or ANYTHING


def _typed_words(schema: Schema) -> str:
    noun = _noun(schema)
    limits = [*bound_words(schema), *_size_words(schema)]
    if isinstance(pattern := schema.get("pattern"), str):
        return ", ".join([pattern_words(pattern), *limits])
    if isinstance(name := schema.get("format"), str):
        nullable = " or null" if noun.endswith(" or null") else ""
        return format_words(name) + nullable
    return " ".join([noun or ("number" if bound_words(schema) else ""), ", ".join(limits)]).strip()


def _noun(schema: Schema) -> str:
    types = schema.get("type")
    if isinstance(types, list):
        return type_words(types)
    return types if isinstance(types, str) else ""


def number_words(schema: Any) -> str:
    """`integer` or `number`, as the schema says."""
    return "integer" if isinstance(schema, dict) and schema.get("type") == "integer" else "number"


def bound_words(schema: Schema) -> list[str]:
    """`≥ 0`, `< 10`, `multiple of 5`."""
    told = []
    for keyword, sign in _BOUNDS:
        limit = schema.get(keyword)
        # Draft 4 writes {minimum: 0, exclusiveMinimum: true}.
        if isinstance(limit, bool) or limit is None:
            continue
        exclusive = schema.get(f"exclusive{keyword.capitalize()}") is True
        told.append(f"{sign[0].translate(_STRICT) if exclusive else sign} {value_words(limit)}")
    if "multipleOf" in schema:
        told.append(f"multiple of {value_words(schema['multipleOf'])}")
    return told


_STRICT = str.maketrans("≥≤", "><")


def _size_words(schema: Schema) -> list[str]:
    told = [size_words(schema.get(least), schema.get(most), noun) for least, most, noun in _SIZES]
    return [f"of {words}" for words in told if words]


def size_words(least: Any, most: Any, noun: str) -> str:
    """`at least 1 item and at most 3 items`; "" where neither is bound (None)."""
    told = [] if least is None else [count_words("at least", least, noun)]
    if most is not None:
        told.append(count_words("at most", most, noun))
    return " and ".join(told)
