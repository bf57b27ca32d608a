"""A JSON Schema document as its readers need it: its draft, its subschemas, its local references."""

from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import unquote

import jsonschema_rs

from tracking_plan.json_values import Path, pointer_segments
from tracking_plan.validator_paths import is_lossy

Schema = dict[str, Any]

#: Meta-schema URI of each draft, without the empty fragment; jsonschema-rs carries the documents themselves.
DRAFTS = {
    "http://json-schema.org/draft-04/schema": 4,
    "http://json-schema.org/draft-06/schema": 6,
    "http://json-schema.org/draft-07/schema": 7,
    "https://json-schema.org/draft/2019-09/schema": 2019,
    "https://json-schema.org/draft/2020-12/schema": 2020,
}
DEFAULT_META_SCHEMA = "https://json-schema.org/draft/2020-12/schema"

REFERENCE_KEYWORDS = ("$ref", "$dynamicRef", "$recursiveRef")
_ONE_SCHEMA = frozenset(
    {
        *(
            "additionalItems",
            "additionalProperties",
            "contains",
            "contentSchema",
            "else",
            "if",
            "items",
            "not",
        ),
        *("propertyNames", "then", "unevaluatedItems", "unevaluatedProperties"),
    }
)
_LIST_OF_SCHEMAS = frozenset({"allOf", "anyOf", "items", "oneOf", "prefixItems"})
MAPS_OF_SCHEMAS = frozenset(
    {"$defs", "definitions", "dependencies", "dependentSchemas", "patternProperties", "properties"}
)
#: Keywords beside a `$ref` that add no rule.
_SILENT_SIBLINGS = frozenset(
    {
        *("$ref", "$schema", "$id", "$anchor", "$comment", "$defs", "definitions"),
        *("description", "title", "examples", "default", "deprecated"),
    }
)
#: Longest chain of references to references that is followed; a longer one is a cycle.
_MAX_REFS = 100


def meta_schema_of(schema: Schema) -> str:
    """The URI in `$schema` without its empty fragment; 2020-12 where there is none."""
    stated = schema.get("$schema", DEFAULT_META_SCHEMA)
    return stated.removesuffix("#") if isinstance(stated, str) else ""


def subschemas(schema: Any, path: Path = ()) -> Iterator[tuple[Path, Schema]]:
    """Every subschema at a place where the standard knows one, the root first, with its path.

    Data inside `enum`, `const`, `default` and the like is not taken for schemas.
    """
    stack: list[tuple[Path, Any]] = [(path, schema)]
    while stack:
        here, node = stack.pop()
        if isinstance(node, dict):
            yield here, node
            stack.extend(reversed(list(children(node, here))))


def children(node: Schema, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """The subschemas directly inside a schema, with their paths below `path`."""
    for keyword, value in node.items():
        if isinstance(value, dict) and keyword in _ONE_SCHEMA:
            yield (*path, keyword), value
        elif isinstance(value, list) and keyword in _LIST_OF_SCHEMAS:
            yield from (((*path, keyword, index), child) for index, child in enumerate(value))
        elif isinstance(value, dict) and keyword in MAPS_OF_SCHEMAS:
            yield from (((*path, keyword, name), child) for name, child in value.items())


def keywords(path: Sequence[str | int]) -> Iterator[tuple[int, str | int]]:
    """The steps of a schema path that are keywords (or list indices), with their index; names are skipped."""
    index = 0
    while index < len(path):
        yield index, path[index]
        index += 2 if path[index] in MAPS_OF_SCHEMAS else 1


class SchemaDocument:
    """One event's schema, with lookups by path and by local reference.

    A schema that embeds others under an `$id` of their own is judged by the validator as any other; but its
    references are not followed here, so such a document has fewer explanations, never wrong ones.
    """

    def __init__(self, schema: Schema) -> None:
        self.root = schema
        self.draft = DRAFTS.get(meta_schema_of(schema), 2020)
        self._anchors: dict[str, Schema] = {}
        self.has_embedded_ids = False
        #: Whether the validator's paths may confuse two properties of this schema.
        self.has_lossy_names = False
        for path, node in subschemas(schema):
            self._index(path, node)

    def _index(self, path: Path, node: Schema) -> None:
        identifier = node.get("id" if self.draft == 4 else "$id")
        if isinstance(identifier, str) and path:
            if identifier.startswith("#"):
                self._anchors[identifier[1:]] = node
            else:
                self.has_embedded_ids = True
        maps = (node[keyword] for keyword in MAPS_OF_SCHEMAS if isinstance(node.get(keyword), dict))
        self.has_lossy_names |= any(is_lossy(name) for names in maps for name in names)
        for keyword in ("$anchor", "$dynamicAnchor"):
            if isinstance(anchor := node.get(keyword), str):
                self._anchors[anchor] = node

    @property
    def base_uri(self) -> str:
        """The root's own identifier without fragment; "" where it has none."""
        stated = self.root.get("id" if self.draft == 4 else "$id", "")
        return stated.partition("#")[0] if isinstance(stated, str) else ""

    def at(self, path: Sequence[str | int]) -> Any:
        """What stands at a path of the document, or None."""
        node: Any = self.root
        for step in path:
            if isinstance(node, dict):
                node = node.get(str(step))
            elif isinstance(node, list) and str(step).isdecimal() and int(step) < len(node):
                node = node[int(step)]
            else:
                return None
        return node

    def along(self, path: Sequence[str | int]) -> Any:
        """What an evaluation path ends at: as `at`, but `$ref` steps into what it names; or None."""
        node: Any = self.root
        for step in path:
            if isinstance(node, dict):
                child = node.get(str(step))
                names_another = step in REFERENCE_KEYWORDS and isinstance(child, str)
                node = self.target(str(child)) if names_another else child
            elif isinstance(node, list) and isinstance(step, int) and step < len(node):
                node = node[step]
            else:
                return None
        return node

    def is_local(self, reference: str) -> bool:
        """Whether a `$ref` stays within the document."""
        uri = reference.partition("#")[0]
        return uri in ("", self.base_uri)

    def target(self, reference: str) -> Any:
        """What a local `$ref` names (a schema or boolean), or None."""
        if self.has_embedded_ids or not self.is_local(reference):
            return None
        fragment = unquote(reference.partition("#")[2])
        if fragment == "" or fragment.startswith("/"):
            return self.at(pointer_segments(fragment))
        return self._anchors.get(fragment)

    def resolved(self, node: Any) -> Any:
        """The schema behind a chain of bare references; `node` itself where it says more than `$ref`.

        Up to draft 7 the siblings of a `$ref` do not count. None for a reference that cannot be followed.
        """
        for _ in range(_MAX_REFS):
            if not isinstance(node, dict) or not self.is_bare_ref(node):
                return node
            node = self.target(node["$ref"])
        return None

    def is_bare_ref(self, node: Schema) -> bool:
        """Whether a schema says nothing but `$ref`, as far as its draft listens."""
        if not isinstance(node.get("$ref"), str):
            return False
        return self.draft <= 7 or not (node.keys() - _SILENT_SIBLINGS)

    def in_place(self, node: Any) -> Iterator[Schema]:
        """`node` and all schemas which it certainly applies to the same value: through `$ref` and `allOf`."""
        pending, seen = [node], set[int]()
        while pending:
            current = self.resolved(pending.pop())
            if not isinstance(current, dict) or id(current) in seen:
                continue
            seen.add(id(current))
            yield current
            if isinstance(reference := current.get("$ref"), str):
                pending.append(self.target(reference))
            if isinstance(parts := current.get("allOf"), list):
                pending.extend(reversed(parts))


def validator_for(
    schema: Schema, *, assert_formats: bool, registry: jsonschema_rs.Registry | None = None
) -> jsonschema_rs.Validator:
    """The validator of a schema by its own draft; it never fetches anything beyond the registry.

    Raises jsonschema_rs.ValidationError for a schema that is none.
    """
    return jsonschema_rs.validator_for(
        schema, validate_formats=assert_formats, registry=registry, offline=True
    )
