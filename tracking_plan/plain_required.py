"""`required` of the objects that a schema surely reaches, looked up without the validator.

The validator copies the whole object for each name that it lacks, all of them before the first is told: an
event of 1 MB without two hundred required properties took 600 MB for a moment, and 1.7 s.
"""

from collections.abc import Iterator
from typing import Any

from tracking_plan.json_values import MISSING, Path, pointer, received_words, value_at
from tracking_plan.leaf_words import property_words
from tracking_plan.schema_document import REFERENCE_KEYWORDS, Schema, SchemaDocument, subschemas
from tracking_plan.violation import Kind, Violation

_DEFINITIONS = ("$defs", "definitions")


class PlainRequired:
    """Says which required properties a payload lacks, of the root and of objects below it by `properties`."""

    def __init__(self, document: SchemaDocument) -> None:
        self._document = document
        places = _plain(document, document.root) if _may_be_split(document) else ()
        #: The path of an object in the payload, and what is told of one that lacks a name.
        self._places = [(path, self._violations(path, node)) for path, node in places]

    @property
    def rest(self) -> Schema:
        """The schema without what is looked up here, for the validator; paths in it are the same."""
        root = self._document.root
        rest: Schema = _without(self._document, root) if self._places else root
        return rest

    def missing(self, payload: dict[str, Any]) -> Iterator[Violation]:
        """One for each required property that is not there: the same object for every payload."""
        for path, violations in self._places:
            value = value_at(payload, path)
            if isinstance(value, dict):
                yield from (violation for name, violation in violations.items() if name not in value)

    def _violations(self, path: Path, node: Schema) -> dict[str, Violation]:
        return {name: self._violation(path, node, name) for name in node["required"]}

    def _violation(self, path: Path, node: Schema, name: str) -> Violation:
        expected = property_words(self._document, node, name)
        received = received_words(MISSING, "")
        return Violation(pointer((*path, name)), Kind.MISSING_REQUIRED, expected, received, "")


def _plain(document: SchemaDocument, root: Schema) -> Iterator[tuple[Path, Schema]]:
    """Subschemas with names in `required` that hold for every payload, by the path of the object there."""
    pending: list[tuple[Path, Any]] = [((), root)]
    while pending:
        path, node = pending.pop()
        if _says_more_than_a_reference(document, node):
            if node.get("required"):
                yield path, node
            pending += [(path, part) for part in node.get("allOf", ())]
            pending += [((*path, name), child) for name, child in node.get("properties", {}).items()]


def _without(document: SchemaDocument, node: Any) -> Any:
    """The same subschemas without `required`, in a copy: the same object may stand elsewhere, too."""
    if not _says_more_than_a_reference(document, node):
        return node
    rest = {keyword: value for keyword, value in node.items() if keyword != "required"}
    if "allOf" in rest:
        rest["allOf"] = [_without(document, part) for part in rest["allOf"]]
    if "properties" in rest:
        rest["properties"] = {name: _without(document, child) for name, child in rest["properties"].items()}
    return rest


def _says_more_than_a_reference(document: SchemaDocument, node: Any) -> bool:
    """Up to draft 7 the siblings of a `$ref` do not count."""
    return isinstance(node, dict) and not ("$ref" in node and document.draft <= 7)


def _may_be_split(document: SchemaDocument) -> bool:
    """Whether no reference leads to what is looked up here, so that it holds for no other values."""
    return not document.has_embedded_ids and all(
        keyword == "$ref" and _names_a_definition(document, node[keyword])
        for _, node in subschemas(document.root)
        for keyword in REFERENCE_KEYWORDS
        if isinstance(node.get(keyword), str)
    )


def _names_a_definition(document: SchemaDocument, reference: str) -> bool:
    """`#/$defs/money`, and nothing inside of it."""
    steps = reference.partition("#")[2].split("/")
    return document.is_local(reference) and len(steps) == 3 and steps[0] == "" and steps[1] in _DEFINITIONS
