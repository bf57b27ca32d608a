"""Why a schema cannot judge anything: all reasons at once, each with its JSON Pointer."""

from collections.abc import Iterator
from functools import cache
from typing import Any

import jsonschema_rs

from tracking_plan.json_values import MAX_DEPTH, exceeds_depth, json_text, pointer
from tracking_plan.plan_numbers import NOT_KEPT, NOT_KEPT_MEND, unkept_numbers
from tracking_plan.problems import Problem
from tracking_plan.schema_document import (
    DRAFTS,
    REFERENCE_KEYWORDS,
    SchemaDocument,
    meta_schema_of,
    subschemas,
    validator_for,
)

_SHOWN_CHARS = 80


def schema_problems(event: str, schema: Any) -> list[Problem]:
    """Everything that keeps `schema` from judging the payloads of `event`; empty for a usable schema."""
    if problem := _form_problem(event, schema):
        return [problem]
    if problems := list(_number_problems(event, schema)):
        return problems
    return list(_keyword_problems(event, schema)) or _structure_problems(event, schema)


def _form_problem(event: str, schema: Any) -> Problem | None:
    """What keeps the schema from being read at all."""
    if not isinstance(schema, dict):
        return Problem(
            event=event,
            pointer="",
            what=f"the schema is {json_text(schema, _SHOWN_CHARS)}, not an object",
            mend="write the schema as an object, for example {type: object, properties: {…}}",
        )
    if exceeds_depth(schema):
        return Problem(
            event=event,
            pointer="",
            what=f"the schema is nested more than {MAX_DEPTH} levels deep",
            mend="move inner parts to $defs and refer to them by $ref",
        )
    if meta_schema_of(schema) not in DRAFTS:
        return Problem(
            event=event,
            pointer="/$schema",
            what=f"unknown draft {json_text(schema['$schema'], _SHOWN_CHARS)}",
            mend="use the URI of draft 4, 6, 7, 2019-09 or 2020-12, or leave $schema out for 2020-12",
        )
    return None


def _number_problems(event: str, schema: dict[str, Any]) -> Iterator[Problem]:
    for path, number in unkept_numbers(schema):
        yield Problem(
            event=event,
            pointer=pointer(path),
            what=f"{json_text(number, _SHOWN_CHARS)} {NOT_KEPT}",
            mend=NOT_KEPT_MEND,
        )


def _keyword_problems(event: str, schema: dict[str, Any]) -> Iterator[Problem]:
    """Keywords whose value has the wrong form, as the draft's meta-schema sees them.

    Each once: that of 2020-12 is made of several, all of which look at every subschema.
    """
    errors = _meta_validator(meta_schema_of(schema)).iter_errors(schema)
    yield from dict.fromkeys(_keyword_problem(event, error) for error in errors)


def _keyword_problem(event: str, error: jsonschema_rs.ValidationError) -> Problem:
    kind = error.kind
    place = pointer(error.instance_path)
    if isinstance(kind, jsonschema_rs.ValidationErrorKind.Type) and set(kind.types) == {"boolean", "object"}:
        what = f"{json_text(error.instance, _SHOWN_CHARS)} is no schema"
        return Problem(event=event, pointer=place, what=what, mend="write a schema, such as {type: string}")
    mend = "correct or remove this keyword"
    return Problem(event=event, pointer=place, what=_keyword_fault(error), mend=mend)


def _keyword_fault(error: jsonschema_rs.ValidationError) -> str:
    keyword = error.instance_path[-1] if error.instance_path else "schema"
    value = json_text(error.instance, _SHOWN_CHARS)
    if isinstance(error.kind, jsonschema_rs.ValidationErrorKind.Format) and error.kind.format == "regex":
        return f"{value} is not a regular expression"
    if keyword == "type":
        return f"{value} is not a JSON type (string, number, integer, boolean, object, array, null)"
    if isinstance(error.kind, jsonschema_rs.ValidationErrorKind.Type):
        return f"`{keyword}` is {value}, but must be of type {' or '.join(error.kind.types)}"
    return f"`{keyword}` cannot be {value}"


@cache
def _meta_validator(meta_schema: str) -> jsonschema_rs.Validator:
    return validator_for({"$schema": meta_schema, "$ref": meta_schema}, assert_formats=True)


def _structure_problems(event: str, schema: dict[str, Any]) -> list[Problem]:
    document = SchemaDocument(schema)
    problems = [*_type_problems(event, document), *_reference_problems(event, document)]
    return problems or list(_compile_problems(event, schema))


def _type_problems(event: str, document: SchemaDocument) -> Iterator[Problem]:
    places = {id(node): path for path, node in subschemas(document.root)}
    for part in document.in_place(document.root):
        types = part.get("type", "object")
        if "object" not in ([types] if isinstance(types, str) else types):
            yield Problem(
                event=event,
                pointer=pointer((*places.get(id(part), ()), "type")),
                what=f"the schema asks for {json_text(types, _SHOWN_CHARS)}; a payload is always an object",
                mend="set the root's type to object",
            )


def _reference_problems(event: str, document: SchemaDocument) -> Iterator[Problem]:
    """References that lead nowhere; with embedded schemas only the validator knows (`_compile_problems`)."""
    if document.has_embedded_ids:
        return
    for path, node in subschemas(document.root):
        for keyword in REFERENCE_KEYWORDS:
            if not isinstance(reference := node.get(keyword), str):
                continue
            if not document.is_local(reference):
                yield _external(event, pointer((*path, keyword)), reference)
            elif document.target(reference) is None:
                yield _dangling(event, pointer((*path, keyword)), reference)


def _external(event: str, place: str, reference: str) -> Problem:
    return Problem(
        event=event,
        pointer=place,
        what=f'reference "{reference}" points outside the schema, and no reference is ever fetched',
        mend='copy the definition into the schema and refer to it as "#/$defs/…"',
    )


def _dangling(event: str, place: str, reference: str) -> Problem:
    return Problem(
        event=event,
        pointer=place,
        what=f'reference "{reference}" names nothing in this schema',
        mend="correct the reference, or add the definition that it names",
    )


def _compile_problems(event: str, schema: dict[str, Any]) -> Iterator[Problem]:
    """What only the validator itself finds, for example references within embedded schemas."""
    try:
        validator_for(schema, assert_formats=True)
    except (jsonschema_rs.ValidationError, jsonschema_rs.ReferencingError, ValueError) as error:
        yield Problem(
            event=event,
            pointer=pointer(getattr(error, "instance_path", ())),
            what=f"the schema cannot be compiled: {getattr(error, 'message', error)}",
            mend="correct the schema at this place; references must stay within it, none is ever fetched",
        )
