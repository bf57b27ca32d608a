"""YAML as JSON: the core schema of YAML 1.2, with hostile documents in mind.

PyYAML's parser gives the events; the values are made here, because its constructors follow YAML 1.1 (`no` is
false, a date is not text), let the last of two equal keys win, and recurse on the C stack.
"""

import math
import re
from dataclasses import dataclass, field
from typing import Any, NoReturn

import yaml

from tracking_plan.model import MAX_NESTING
from tracking_plan.plan_numbers import NOT_KEPT, NOT_KEPT_MEND, is_kept
from tracking_plan.problems import PlanError, Problem

#: Values after the expansion of aliases. Aliases share memory here, but whoever walks the plan meets each.
MAX_VALUES = 1_000_000

_INTEGER = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
#: Far more than 64 bits, and far less than what Python refuses to read.
_MOST_DIGITS = 250
#: Of a value, in a problem's text.
_SHOWN_CHARS = 40
_NULLS = frozenset({"", "~", "null", "Null", "NULL"})
_BOOLEANS = {text: text.lower() == "true" for text in ("true", "True", "TRUE", "false", "False", "FALSE")}
_STRING_TAGS = frozenset({"!", "tag:yaml.org,2002:str"})
_OTHER_CORE_TAGS = frozenset(
    f"tag:yaml.org,2002:{name}" for name in ("map", "seq", "int", "float", "bool", "null")
)


def read_yaml(text: str) -> Any:
    """The single document of a YAML text, as JSON values.

    Mapping keys are taken as they are written: `on`, `404` and `null` are the names "on", "404", "null".
    Raises PlanError with the line and column of the syntax error, or of every equal key, unknown tag, ….
    """
    builder = _Builder()
    try:
        for event in yaml.parse(text, Loader=yaml.CSafeLoader):
            builder.take(event)
    except yaml.MarkedYAMLError as error:
        builder.problems.append(_syntax_problem(error))
    except yaml.YAMLError as error:
        builder.problems.append(
            Problem(what=f"not YAML: {str(error).splitlines()[0]}", mend="remove the character")
        )
    if builder.problems:
        raise PlanError(builder.problems)
    return builder.document


def _syntax_problem(error: yaml.MarkedYAMLError) -> Problem:
    what = f"not YAML: {error.problem or error.context}"
    return _problem_at(error.problem_mark or error.context_mark, what, "correct the syntax here")


def _problem_at(mark: Any, what: str, mend: str) -> Problem:
    """`mark` is None, or PyYAML's, which counts from 0."""
    line, column = (mark.line + 1, mark.column + 1) if mark else (None, None)
    return Problem(line=line, column=column, what=what, mend=mend)


@dataclass(slots=True)
class _Open:
    """A container that is being read."""

    value: dict[str, Any] | list[Any]
    anchor: str | None
    #: Values so far, those inside included.
    size: int = 1
    #: The key whose value comes next; None where a key comes next.
    key: str | None = None
    merged: list[Any] = field(default_factory=list)


class _Builder:
    """Makes JSON values of parser events, without recursion."""

    def __init__(self) -> None:
        self.document: Any = None
        self.problems: list[Problem] = []
        self._stack: list[_Open] = []
        self._anchors: dict[str, tuple[Any, int]] = {}
        self._documents = 0

    def take(self, event: yaml.Event) -> None:
        """The parser's next event."""
        if isinstance(event, yaml.ScalarEvent):
            self._scalar(event)
        elif isinstance(event, (yaml.MappingStartEvent, yaml.SequenceStartEvent)):
            self._open(event)
        elif isinstance(event, (yaml.MappingEndEvent, yaml.SequenceEndEvent)):
            self._close(event)
        elif isinstance(event, yaml.AliasEvent):
            self._alias(event)
        elif isinstance(event, yaml.DocumentStartEvent):
            self._documents += 1
            if self._documents == 2:
                self._problem(event, "a second document begins", "keep one plan per file")

    def _problem(self, event: yaml.Event, what: str, mend: str) -> None:
        self.problems.append(_problem_at(event.start_mark, what, mend))

    def _stop(self, event: yaml.Event, what: str, mend: str) -> NoReturn:
        raise PlanError([*self.problems, _problem_at(event.start_mark, what, mend)])

    def _scalar(self, event: yaml.ScalarEvent) -> None:
        if self._expects_key():
            self._take_key(event, event.value)
            return
        value = self._typed(event)
        if event.anchor:
            self._anchors[event.anchor] = (value, 1)
        self._add(event, value, 1)

    def _typed(self, event: yaml.ScalarEvent) -> Any:
        if event.tag in _STRING_TAGS or (event.tag is None and not event.implicit[0]):
            return event.value
        if event.tag is not None and event.tag not in _OTHER_CORE_TAGS:
            self._problem(event, f"unknown tag {event.tag}", "remove the tag; plans hold only JSON values")
        value = _core_value(event.value)
        if not is_kept(value):
            self._problem(event, f"{event.value[:_SHOWN_CHARS]} {NOT_KEPT}", NOT_KEPT_MEND)
        return value

    def _open(self, event: yaml.MappingStartEvent | yaml.SequenceStartEvent) -> None:
        if self._expects_key():
            self._stop(event, "a key is a list or mapping", "write a plain name as key")
        if len(self._stack) >= MAX_NESTING:
            self._stop(event, f"nested more than {MAX_NESTING} levels deep", "flatten the document")
        if event.tag is not None and event.tag not in _OTHER_CORE_TAGS:
            self._problem(event, f"unknown tag {event.tag}", "remove the tag; plans hold only JSON values")
        value: dict[str, Any] | list[Any] = {} if isinstance(event, yaml.MappingStartEvent) else []
        self._stack.append(_Open(value, event.anchor))

    def _close(self, event: yaml.Event) -> None:
        done = self._stack.pop()
        if isinstance(done.value, dict):
            _merge(done.value, done.merged)
        if done.anchor:
            self._anchors[done.anchor] = (done.value, done.size)
        self._add(event, done.value, done.size)

    def _alias(self, event: yaml.AliasEvent) -> None:
        if self._expects_key():
            self._stop(event, "a key is an alias", "write the name itself as key")
        if event.anchor is None or event.anchor not in self._anchors:
            self._stop(event, f"alias *{event.anchor} has no finished anchor before it", "define it first")
        value, size = self._anchors[event.anchor]
        self._add(event, value, size)

    def _expects_key(self) -> bool:
        return bool(self._stack) and isinstance(self._stack[-1].value, dict) and self._stack[-1].key is None

    def _take_key(self, event: yaml.ScalarEvent, key: str) -> None:
        top = self._stack[-1]
        if key in top.value:
            self._problem(event, f'the key "{key}" stands here a second time', "merge or rename one of them")
        top.key = key

    def _add(self, event: yaml.Event, value: Any, size: int) -> None:
        if not self._stack:
            self.document = value
            return
        top = self._stack[-1]
        top.size += size
        if top.size > MAX_VALUES:
            self._stop(event, f"more than {MAX_VALUES:,} values after alias expansion", "use fewer aliases")
        if isinstance(top.value, list):
            top.value.append(value)
        elif top.key == "<<" and isinstance(value, (dict, list)):
            top.merged.extend(value if isinstance(value, list) else [value])
            top.key = None
        elif top.key is not None:
            top.value[top.key] = value
            top.key = None


def _merge(target: dict[str, Any], sources: list[Any]) -> None:
    """YAML's merge key `<<`: what is written in the mapping itself counts, then the earlier source."""
    for source in sources:
        if isinstance(source, dict):
            for key, value in source.items():
                target.setdefault(key, value)


def _core_value(text: str) -> Any:
    """A plain scalar by YAML 1.2's core schema; infinities and NaN stay text, JSON has no word for them."""
    if text in _NULLS:
        return None
    if text in _BOOLEANS:
        return _BOOLEANS[text]
    if _INTEGER.fullmatch(text):
        return _integer(text)
    if _FLOAT.fullmatch(text):
        return float(text)
    return text


def _integer(text: str) -> int | float:
    """Infinity for one of so many digits that Python makes no integer of it."""
    if len(text) > _MOST_DIGITS:
        return math.inf
    return int(text, 0) if text[:2] in ("0o", "0x") else int(text)
