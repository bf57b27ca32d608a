"""Whether a schema refers back to itself, so that judging recurses as deep as the payload is nested.

The validator checks no depth there: a payload of 100,000 levels ends the whole process.
"""

from collections.abc import Iterator
from typing import Any

from tracking_plan.schema_document import REFERENCE_KEYWORDS, Schema, SchemaDocument, children

_ENTER, _LEAVE = True, False


def is_recursive(document: SchemaDocument) -> bool:
    """True for a cycle of references; also for references that cannot be followed here."""
    if document.has_embedded_ids:
        return True
    open_nodes, done = set[int](), set[int]()
    stack: list[tuple[bool, Any]] = [(_ENTER, document.root)]
    while stack:
        step, node = stack.pop()
        if step is _LEAVE:
            open_nodes.discard(id(node))
            done.add(id(node))
        elif id(node) in open_nodes:
            return True
        elif isinstance(node, dict) and id(node) not in done:
            open_nodes.add(id(node))
            stack.append((_LEAVE, node))
            stack.extend((_ENTER, child) for child in _reachable(document, node))
    return False


def _reachable(document: SchemaDocument, node: Schema) -> Iterator[Any]:
    yield from (child for _, child in children(node))
    for keyword in REFERENCE_KEYWORDS:
        if isinstance(reference := node.get(keyword), str):
            yield document.target(reference)
