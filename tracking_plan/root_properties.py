"""Which root properties an event's schema knows, so that others can be called unplanned."""

from collections.abc import Iterator
from typing import Any

import jsonschema_rs

from tracking_plan.schema_document import Schema, SchemaDocument, validator_for

_OWN_RULE_KEYWORDS = ("additionalProperties", "unevaluatedProperties")
_BRANCH_LISTS = ("allOf", "anyOf", "oneOf")
_BRANCHES = ("if", "then", "else")


class RootProperties:
    """The names a schema mentions for the root object, over all its `$ref`s and alternatives.

    `names` is None where the question is not asked: the schema has a rule of its own for further properties
    (in any alternative), or refers to something that cannot be followed.
    """

    def __init__(self, document: SchemaDocument) -> None:
        parts = list(_applied_to_root(document))
        self.names: frozenset[str] | None = None
        followed = [part for part in parts if part is not None]
        if len(followed) == len(parts) and not any(map(_has_own_rule, followed)):
            self.names = frozenset(name for part in followed for name in _mentioned(part))
        self._pattern_matcher = _matcher(
            {text for part in followed for text in part.get("patternProperties", ())}
        )

    def unplanned(self, payload: dict[str, Any]) -> list[str]:
        """Names in the payload's root that the schema does not know, in the payload's order."""
        if self.names is None:
            return []
        return [name for name in payload if name not in self.names and not self.matches_pattern(name)]

    def matches_pattern(self, name: str) -> bool:
        """Whether the schema has a rule for properties whose names match a pattern that this one matches."""
        return self._pattern_matcher is not None and self._pattern_matcher.is_valid(name)


def _has_own_rule(part: Schema) -> bool:
    return any(keyword in part for keyword in _OWN_RULE_KEYWORDS)


def _mentioned(part: Schema) -> Iterator[str]:
    yield from part.get("properties", ())
    yield from part.get("required", ())
    for dependency, needed in part.get("dependentRequired", {}).items():
        yield from (dependency, *needed)
    for dependency, needed in part.get("dependencies", {}).items():
        yield from (dependency, *(needed if isinstance(needed, list) else ()))
    yield from part.get("dependentSchemas", ())


def _matcher(patterns: set[str]) -> jsonschema_rs.Validator | None:
    """Says whether a name matches one of the patterns, by the same engine that judges payloads."""
    if not patterns:
        return None
    return validator_for({"anyOf": [{"pattern": text} for text in sorted(patterns)]}, assert_formats=False)


def _applied_to_root(document: SchemaDocument) -> Iterator[Schema | None]:
    """All subschemas that may apply to the root value itself; None stands for one that is out of reach."""
    pending: list[Any] = [document.root]
    seen = set[int]()
    while pending:
        node = pending.pop()
        if node is None:
            yield None
        if not isinstance(node, dict) or id(node) in seen:
            continue
        seen.add(id(node))
        if "$ref" in node:
            pending.append(document.target(node["$ref"]))
            if document.draft <= 7:
                continue
        yield None if "$dynamicRef" in node or "$recursiveRef" in node else node
        pending.extend(_branches(node))


def _branches(node: Schema) -> Iterator[Any]:
    for keyword in _BRANCH_LISTS:
        yield from node.get(keyword, ())
    yield from (node[keyword] for keyword in _BRANCHES if keyword in node)
    yield from node.get("dependentSchemas", {}).values()
    yield from (part for part in node.get("dependencies", {}).values() if isinstance(part, dict))
