"""One validator error without alternatives inside: its kind, its place, and what was expected there."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from jsonschema_rs import ValidationError
from jsonschema_rs import ValidationErrorKind as Fault

from tracking_plan import words
from tracking_plan.json_values import Path, cut, json_text, received_words
from tracking_plan.schema_document import SchemaDocument, keywords
from tracking_plan.violation import Kind

NOT_PLANNED = "not in the plan"
NOT_ALLOWED = "not allowed here"


@dataclass(frozen=True, slots=True)
class Leaf:
    """A broken rule before the payload's value is put beside it."""

    path: Path
    kind: Kind
    expected: str
    #: What is said in place of the value's own description, where that would not explain the rule.
    received: str | None = None


@dataclass(frozen=True, slots=True)
class _Rule:
    kind: Kind
    expected: Callable[[Any, Any], str]


def _number(sign: str) -> Callable[[Any, Any], str]:
    return lambda fault, schema: f"{words.number_words(schema)} {sign} {words.value_words(fault.limit)}"


def _count(bound: str, noun: str, prefix: str = "") -> Callable[[Any, Any], str]:
    return lambda fault, _: prefix + words.count_words(bound, fault.limit, noun)


#: By the validator's fault: our kind, and the words made of the fault and the schema that holds the keyword.
_RULES: dict[type[Fault], _Rule] = {
    Fault.Type: _Rule(Kind.WRONG_TYPE, lambda fault, _: words.type_words(fault.types)),
    Fault.Enum: _Rule(Kind.NOT_IN_ENUM, lambda fault, _: words.enum_words(fault.options)),
    Fault.Constant: _Rule(Kind.NOT_IN_ENUM, lambda fault, _: words.value_words(fault.expected_value)),
    Fault.Pattern: _Rule(Kind.PATTERN, lambda fault, _: words.pattern_words(fault.pattern)),
    Fault.BacktrackLimitExceeded: _Rule(Kind.PATTERN, lambda _, schema: _costly_pattern(schema)),
    Fault.RegexEngineFailure: _Rule(Kind.PATTERN, lambda _, schema: _costly_pattern(schema)),
    Fault.Minimum: _Rule(Kind.RANGE, _number("≥")),
    Fault.ExclusiveMinimum: _Rule(Kind.RANGE, _number(">")),
    Fault.Maximum: _Rule(Kind.RANGE, _number("≤")),
    Fault.ExclusiveMaximum: _Rule(Kind.RANGE, _number("<")),
    Fault.MultipleOf: _Rule(
        Kind.RANGE, lambda fault, _: f"multiple of {words.value_words(fault.multiple_of)}"
    ),
    Fault.MinLength: _Rule(Kind.LENGTH, _count("at least", "character", "string of ")),
    Fault.MaxLength: _Rule(Kind.LENGTH, _count("at most", "character", "string of ")),
    Fault.MinItems: _Rule(Kind.LENGTH, _count("at least", "item")),
    Fault.MaxItems: _Rule(Kind.LENGTH, _count("at most", "item")),
    Fault.AdditionalItems: _Rule(Kind.LENGTH, _count("at most", "item")),
    Fault.MinProperties: _Rule(Kind.LENGTH, _count("at least", "property")),
    Fault.MaxProperties: _Rule(Kind.LENGTH, _count("at most", "property")),
    Fault.Format: _Rule(Kind.FORMAT, lambda fault, _: words.format_words(fault.format)),
    Fault.ContentEncoding: _Rule(Kind.FORMAT, lambda fault, _: f"text in {fault.content_encoding}"),
    Fault.ContentMediaType: _Rule(Kind.FORMAT, lambda fault, _: f"text of type {fault.content_media_type}"),
    Fault.UniqueItems: _Rule(Kind.SCHEMA, lambda *_: "no two equal items"),
    # Its fault names the items' texts, not their indices.
    Fault.UnevaluatedItems: _Rule(Kind.SCHEMA, lambda *_: "no items but the planned ones"),
    Fault.FalseSchema: _Rule(Kind.SCHEMA, lambda *_: NOT_ALLOWED),
}


def _costly_pattern(schema: Any) -> str:
    pattern = schema.get("pattern", "") if isinstance(schema, dict) else ""
    return f"{words.pattern_words(str(pattern))} (too costly to match here: simplify the pattern)"


def forbids_all_properties(error: ValidationError) -> bool:
    """Whether this is how the validator reports `additionalProperties: false` without any `properties`.

    Such an error has the object's path, and the value of the object's first property as its instance.
    """
    if not isinstance(error.kind, Fault.FalseSchema) or error.schema_path[-1:] != ["additionalProperties"]:
        return False
    return any(index == len(error.schema_path) - 1 for index, _ in keywords(error.schema_path))


def depends_on_schema_only(error: ValidationError) -> bool:
    """Whether an error of the same kind at the same schema path always has one leaf with the same words."""
    if forbids_all_properties(error):
        return False
    if isinstance(error.kind, Fault.Required):
        return error.evaluation_path[-1] == "required"
    return type(error.kind) in _RULES


def leaves(document: SchemaDocument, error: ValidationError, path: Path, value: Any) -> list[Leaf]:
    """The broken rules that one error stands for: one per property that it names.

    `path` is the exact path of the value that the error is about.
    """
    fault = error.kind
    if isinstance(fault, Fault.Required):
        return [_missing(document, error, path, fault.property)]
    if isinstance(fault, (Fault.AdditionalProperties, Fault.UnevaluatedProperties)):
        return [Leaf((*path, name), Kind.UNPLANNED_PROPERTY, NOT_PLANNED) for name in fault.unexpected]
    if forbids_all_properties(error) and isinstance(value, dict):
        return [Leaf((*path, name), Kind.UNPLANNED_PROPERTY, NOT_PLANNED) for name in value]
    if isinstance(fault, Fault.PropertyNames):
        return [_bad_name(document, fault.error, path)]
    if isinstance(fault, Fault.OneOfMultipleValid):
        return [_several(fault, path, value)]
    return [_by_table(document, error, path)]


def _by_table(document: SchemaDocument, error: ValidationError, path: Path) -> Leaf:
    rule = _RULES.get(type(error.kind))
    if rule is None:
        return Leaf(path, Kind.SCHEMA, _other_words(document, error))
    owner = document.at(error.schema_path[:-1])
    return Leaf(path, rule.kind, cut(rule.expected(error.kind, owner), words.MAX_EXPECTED_CHARS))


def _other_words(document: SchemaDocument, error: ValidationError) -> str:
    if isinstance(error.kind, Fault.Not):
        return _forbidden_words(document, error.kind.schema)
    owner = document.at(error.schema_path[:-1])
    if isinstance(error.kind, Fault.Contains) and isinstance(owner, dict):
        least, most = owner.get("minContains", 1), owner.get("maxContains")
        bounds = words.size_words(least, most, "item")
        return f"{bounds}: {words.expected_words(document, owner.get('contains'))}"
    return f"a value that satisfies `{error.kind.name}`"


def _forbidden_words(document: SchemaDocument, forbidden: Any) -> str:
    told = words.expected_words(document, forbidden)
    if isinstance(forbidden, dict) and isinstance(names := forbidden.get("required"), list):
        return f"not with {' and '.join(words.value_words(name) for name in names)}"
    return f"anything but {told}" if told != words.ANYTHING else "nothing that the plan forbids here"


def _missing(document: SchemaDocument, error: ValidationError, path: Path, name: str) -> Leaf:
    owner = document.at(error.schema_path[:-1])
    return Leaf((*path, name), Kind.MISSING_REQUIRED, property_words(document, owner, name))


def property_words(document: SchemaDocument, owner: Any, name: str) -> str:
    """What the schema `owner` asks of its property `name`."""
    for part in document.in_place(owner):
        if (rule := part.get("properties", {}).get(name)) is not None:
            return words.expected_words(document, rule)
    return words.ANYTHING


def _bad_name(document: SchemaDocument, error: ValidationError, path: Path) -> Leaf:
    inner = _by_table(document, error, path)
    name = str(error.instance)
    return Leaf(
        (*path, name), inner.kind, f"property name: {inner.expected}", f"name {words.value_words(name)}"
    )


def _several(fault: Fault.OneOfMultipleValid, path: Path, value: Any) -> Leaf:
    fitting = [str(number) for number, errors in enumerate(fault.context, start=1) if not errors]
    expected = f"exactly one of {len(fault.context)} alternatives"
    came = received_words(value, json_text(value))
    return Leaf(path, Kind.SCHEMA, expected, f"{came}, which fits alternatives {' and '.join(fitting)}")
