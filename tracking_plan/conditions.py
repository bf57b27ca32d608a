"""Errors that hold only under a condition: `if`/`then`/`else` and what depends on another property."""

from dataclasses import replace
from typing import Any

from jsonschema_rs import ValidationError

from tracking_plan import words
from tracking_plan.json_values import Path, cut
from tracking_plan.leaf_words import Leaf
from tracking_plan.schema_document import SchemaDocument, keywords
from tracking_plan.violation import Kind

_CONDITIONAL = ("then", "else", "dependentSchemas", "dependencies", "dependentRequired")


def conditional(document: SchemaDocument, error: ValidationError, leaf: Leaf, payload_part: Any) -> Leaf:
    """The leaf as a broken condition, if its rule applies only under one; else as it is.

    `payload_part` is the value that the error is about.
    """
    path = tuple(error.evaluation_path)
    index = _condition_index(path)
    if index is None:
        return leaf
    reason = _reason(document, path, index, leaf, payload_part)
    expected = f"{leaf.expected}, {reason}" if reason else leaf.expected
    return replace(leaf, kind=Kind.CONDITION, expected=cut(expected, words.MAX_EXPECTED_CHARS))


def _condition_index(path: Path) -> int | None:
    """Where the innermost conditional keyword stands; property names of the same spelling do not count."""
    return max((index for index, keyword in keywords(path) if keyword in _CONDITIONAL), default=None)


def _reason(document: SchemaDocument, path: Path, index: int, leaf: Leaf, value: Any) -> str:
    keyword, owner = path[index], document.along(path[:index])
    if not isinstance(owner, dict):
        return ""
    if keyword in ("then", "else"):
        return _if_words(document, owner.get("if"), negated=keyword == "else")
    if index + 1 < len(path):
        return f'because "{path[index + 1]}" is present'
    return _dependency_words(owner.get(str(keyword), {}), leaf, value)


def _if_words(document: SchemaDocument, condition: Any, *, negated: bool) -> str:
    """`because status is "paid"`; "" for a condition that is not simply about constants."""
    told = []
    for part in document.in_place(condition):
        for name, rule in part.get("properties", {}).items():
            if isinstance(rule, dict) and ("const" in rule or "enum" in rule):
                told.append(f"{name} is {'not ' if negated else ''}{words.expected_words(document, rule)}")
    return f"because {(' or ' if negated else ' and ').join(told)}" if told else ""


def _dependency_words(dependencies: dict[str, Any], leaf: Leaf, value: Any) -> str:
    # Of a dependent schema named "" the validator's paths tell no name: nothing need be missing.
    missing = leaf.path[-1] if leaf.path else None
    for trigger, needed in dependencies.items():
        if isinstance(needed, list) and missing in needed and isinstance(value, dict) and trigger in value:
            return f'because "{trigger}" is present'
    return ""
