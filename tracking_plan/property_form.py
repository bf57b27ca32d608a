"""One property of an event as a form shows it, read from its schema and written into it."""

from dataclasses import dataclass
from typing import Any, Literal, get_args

import orjson

from tracking_plan.json_values import json_type, pointer
from tracking_plan.problems import PlanError, Problem
from tracking_plan.schema_document import Schema
from tracking_plan.schema_places import ITEM

JsonType = Literal["string", "integer", "number", "boolean", "object", "array", "null"]
JSON_TYPES: tuple[JsonType, ...] = get_args(JsonType)
#: The pair of keywords that "at least" and "at most" mean, by the property's type.
_BOUNDS = {
    "string": ("minLength", "maxLength"),
    "array": ("minItems", "maxItems"),
    "object": ("minProperties", "maxProperties"),
    "number": ("minimum", "maximum"),
    "integer": ("minimum", "maximum"),
}
_ALL_BOUNDS = tuple(dict.fromkeys(keyword for pair in _BOUNDS.values() for keyword in pair))
#: What a form shows comes first in the schema, in this order.
_FIRST = ("type", "enum", "pattern", *_ALL_BOUNDS, "description")


@dataclass(frozen=True, slots=True, kw_only=True)
class PropertyForm:
    """One property as a form shows it. What it does not show of the property's schema stays as it is."""

    #: JSON Pointer, `*` for the items of an array; a leading slash may be left out.
    path: str
    #: Of JSON_TYPES; none: any value.
    types: tuple[str, ...] = ()
    required: bool = False
    #: Texts of the allowed values; none: every value. Strings as they are, others as JSON.
    values: tuple[str, ...] = ()
    pattern: str = ""
    #: Numbers as text; "": no bound. They bound a number's value, a text's length, a list's items.
    least: str = ""
    most: str = ""
    description: str = ""


def property_forms(schema: Any) -> dict[str, PropertyForm]:
    """The properties that a form can change, by path.

    Those are the ones that stand in the schema itself, not behind `$ref` or an alternative.
    """
    found: dict[str, PropertyForm] = {}
    pending: list[tuple[list[str], Any, bool]] = [([], schema, False)]
    while pending:
        path, node, required = pending.pop()
        if path:
            found[pointer(path)] = _form(pointer(path), node, required=required)
        if isinstance(node, dict):
            pending.extend(_children(path, node)[::-1])
    return found


def _children(path: list[str], node: Schema) -> list[tuple[list[str], Any, bool]]:
    names = listed(node, "required")
    properties = node.get("properties")
    found = [
        ([*path, name], child, name in names)
        for name, child in (properties.items() if isinstance(properties, dict) else ())
        # Its path would be that of the items.
        if name != ITEM
    ]
    if isinstance(node.get("items"), dict):
        found.append(([*path, ITEM], node["items"], False))
    return found


def _form(path: str, node: Any, *, required: bool) -> PropertyForm:
    if not isinstance(node, dict):
        return PropertyForm(path=path, required=required)
    types = stated_types(node) or _types_of_values(node)
    least, most = _shown_bounds(types)
    return PropertyForm(
        path=path,
        types=types,
        required=required,
        values=tuple(_value_text(value, types) for value in listed(node, "enum")),
        pattern=node["pattern"] if isinstance(node.get("pattern"), str) else "",
        least=_json(node[least]) if least in node else "",
        most=_json(node[most]) if most in node else "",
        description=node["description"] if isinstance(node.get("description"), str) else "",
    )


def _shown_bounds(types: tuple[str, ...]) -> tuple[str, str]:
    return next((_BOUNDS[each] for each in types if each in _BOUNDS), _BOUNDS["number"])


def stated_types(node: Schema) -> tuple[str, ...]:
    """Its types as it says them; none: any."""
    types = [node["type"]] if isinstance(node.get("type"), str) else listed(node, "type")
    return tuple(each for each in types if each in JSON_TYPES)


def _types_of_values(node: Schema) -> tuple[str, ...]:
    return tuple(dict.fromkeys(json_type(value) for value in listed(node, "enum")))


def _value_text(value: Any, types: tuple[str, ...]) -> str:
    return value if isinstance(value, str) and _takes_text(types) else _json(value)


def _takes_text(types: tuple[str, ...]) -> bool:
    """Whether allowed values are texts as they are written: for a type of texts alone, or none at all."""
    return not (set(types) - {"string"})


def _json(value: Any) -> str:
    return orjson.dumps(value).decode()


def refused(event: str, path: list[str], what: str, mend: str) -> PlanError:
    """Why a property cannot be changed so."""
    return PlanError([Problem(event=event, pointer=pointer(path), what=what, mend=mend)])


def listed(node: Schema, keyword: str) -> list[Any]:
    """The keyword's list; empty where it has none."""
    value = node.get(keyword)
    return value if isinstance(value, list) else []


def fill(event: str, path: list[str], node: Schema, form: PropertyForm) -> None:
    """Writes into the property's schema what the form says otherwise than a form shows of it; the rest stays.

    Raises PlanError.
    """
    shown = _form(pointer(path), node, required=form.required)
    is_retyped = form.types != shown.types
    # Values may be what tells the type, and the type is how their texts are read: they go together.
    if is_retyped or form.values != shown.values:
        _write(node, "type", form.types[0] if len(form.types) == 1 else list(form.types))
        _write(node, "enum", [_value(event, path, text, form.types) for text in form.values])
    for keyword in ("pattern", "description"):
        if getattr(form, keyword) != getattr(shown, keyword):
            _write(node, keyword, getattr(form, keyword))
    if is_retyped or (form.least, form.most) != (shown.least, shown.most):
        _write_bounds(event, path, node, form, shown.types)
    first = {keyword: node[keyword] for keyword in _FIRST if keyword in node}
    rest = dict(node)
    node.clear()
    node |= first | rest


def _write(node: Schema, keyword: str, value: Any) -> None:
    """Writes the keyword; takes it out where the form leaves it empty."""
    node.pop(keyword, None)
    if value:
        node[keyword] = value


def _value(event: str, path: list[str], text: str, types: tuple[str, ...]) -> Any:
    if _takes_text(types):
        return text
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        mend = 'write values of this type as JSON, one a line: 12, true, null, "text"'
        raise refused(event, path, f"the allowed value {text} is not JSON", mend) from None


def _write_bounds(
    event: str, path: list[str], node: Schema, form: PropertyForm, shown_types: tuple[str, ...]
) -> None:
    """Writes the form's bounds in the place of those that were shown.

    With its type a bound goes, too, that the form did not show and that no type may have any more.
    """
    old = _shown_bounds(shown_types)
    possible = [_BOUNDS[each] for each in form.types if each in _BOUNDS]
    is_retyped = form.types and form.types != shown_types
    impossible = {*_ALL_BOUNDS}.difference(*possible) if is_retyped else ()
    for keyword in (*old, *impossible):
        node.pop(keyword, None)
    # Of several types the same one is meant as before, wherever it stands now.
    pair = old if old in possible else next(iter(possible), None)
    for text, place in ((form.least.strip(), 0), (form.most.strip(), 1)):
        if text and pair is None:
            raise refused(event, path, "it has bounds but no type that can have them", "choose its type")
        if text and pair is not None:
            node[pair[place]] = _number(event, path, text, whole=pair != _BOUNDS["number"])


def _number(event: str, path: list[str], text: str, *, whole: bool) -> int | float:
    number: Any
    try:
        number = orjson.loads(text)
    except orjson.JSONDecodeError:
        number = None
    is_number = isinstance(number, int | float) and not isinstance(number, bool)
    if not is_number or (whole and (not isinstance(number, int) or number < 0)):
        kind = "a whole number from 0 on" if whole else "a number"
        raise refused(event, path, f"the bound {text} is not {kind}", f"write {kind}, or nothing")
    found: int | float = number
    return found
