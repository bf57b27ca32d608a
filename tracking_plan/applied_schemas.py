"""Which subschemas apply to a value, the chosen alternative included: what a field is expected to be."""

from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from typing import Any
from urllib.parse import quote

from jsonschema_rs import Registry, Validator, is_valid

from tracking_plan.alternatives import find_discriminator
from tracking_plan.json_values import MISSING, pointer
from tracking_plan.schema_document import Schema, SchemaDocument, meta_schema_of, subschemas, validator_for
from tracking_plan.words import expected_words

#: The document's name in the registry; the URI means nothing outside of it.
_ROOT = "urn:lvd:event-schema"


class AppliedSchemas:
    """Answers for one schema document. Alternatives are compiled one by one, as a value asks for them."""

    def __init__(self, document: SchemaDocument, *, assert_formats: bool) -> None:
        self._document = document
        self._assert_formats = assert_formats
        self._validators: dict[str, Validator] = {}

    @cached_property
    def _registry(self) -> Registry:
        return Registry([(_ROOT, self._document.root)])

    @cached_property
    def _pointers(self) -> dict[int, str]:
        return {id(node): pointer(path) for path, node in subschemas(self._document.root)}

    def applied(self, nodes: Iterable[Any], value: Any) -> list[Schema]:
        """The schemas that `nodes` apply to `value`: through references, allOf, conditions, alternatives."""
        found: dict[int, Schema] = {}
        pending = list(nodes)
        while pending:
            for part in self._document.in_place(pending.pop(0)):
                if id(part) not in found:
                    found[id(part)] = part
                    pending.extend(self._branches(part, value))
        return list(found.values())

    def _branches(self, part: Schema, value: Any) -> Iterator[Any]:
        for keyword in ("oneOf", "anyOf"):
            if isinstance(alternatives := part.get(keyword), list):
                yield self.chosen(alternatives, value)
        if "if" in part:
            yield part.get("then" if self._fits(part["if"], value) else "else")
        for keyword in ("dependentSchemas", "dependencies"):
            yield from (
                rule
                for name, rule in part.get(keyword, {}).items()
                if isinstance(value, dict) and name in value and isinstance(rule, dict)
            )

    def chosen(self, alternatives: Sequence[Any], value: Any) -> Any:
        """The alternative that the discriminator names, else the first that fits, else the closest."""
        candidates = self._discriminated(alternatives, value) or list(alternatives)
        for each in candidates:
            if self._fits(each, value):
                return each
        return min(candidates, key=lambda each: self._distance(each, value))

    def words(self, node: Any) -> str:
        """What a schema asks of a value that did not come: all its alternatives."""
        return expected_words(self._document, node)

    def _discriminated(self, alternatives: Sequence[Any], value: Any) -> list[Any]:
        discriminator = find_discriminator(self._document, alternatives)
        if discriminator is None or not isinstance(value, dict):
            return []
        chosen = discriminator.candidates(value.get(discriminator.property, MISSING))
        return [alternatives[index] for index in chosen]

    def _validator(self, node: Any) -> Validator | None:
        place = self._pointers.get(id(node))
        if place is None or self._document.has_embedded_ids:
            return None
        if place not in self._validators:
            self._validators[place] = self._compiled(place)
        return self._validators[place]

    def _compiled(self, place: str) -> Validator:
        reference = {"$schema": meta_schema_of(self._document.root), "$ref": f"{_ROOT}#{quote(place)}"}
        return validator_for(reference, assert_formats=self._assert_formats, registry=self._registry)

    def _fits(self, node: Any, value: Any) -> bool:
        if isinstance(node, bool):
            return node
        validator = self._validator(node)
        return validator is not None and validator.is_valid(value)

    def _distance(self, node: Any, value: Any) -> tuple[bool, int]:
        """By the closest first: an alternative of another type is far, else the number of errors counts."""
        validator = self._validator(node)
        if validator is None:
            return True, 0
        errors = list(validator.iter_errors(value))
        return any(error.kind.name == "type" and not error.instance_path for error in errors), len(errors)

    def of_property(self, parts: Sequence[Schema], name: str) -> list[Any] | None:
        """The schemas for a property of an object to which `parts` apply; None where they do not know it."""
        known = [part["properties"][name] for part in parts if name in part.get("properties", {})]
        patterns = [
            rule
            for part in parts
            for pattern, rule in part.get("patternProperties", {}).items()
            if is_valid({"pattern": pattern}, name)
        ]
        if known or patterns:
            return known + patterns
        if any(name in part.get("required", ()) for part in parts):
            return []
        further = [part["additionalProperties"] for part in parts if "additionalProperties" in part]
        if any(rule is not False for rule in further):
            return further
        return None if further or any("properties" in part for part in parts) else []

    def of_item(self, parts: Sequence[Schema], index: int) -> list[Any]:
        """The schemas for an array's item."""
        return [rule for part in parts if (rule := _item_rule(part, index)) is not None]


def _item_rule(part: Schema, index: int) -> Any:
    """By `prefixItems` and `items` (2020-12), or a list of `items` and `additionalItems` (before it)."""
    items = part.get("items")
    positional, rest = (
        (items, "additionalItems") if isinstance(items, list) else (part.get("prefixItems", []), "items")
    )
    return positional[index] if index < len(positional) else part.get(rest)
