"""JSON with a place for every fault: orjson reads, the standard library looks for what it passes over."""

import json
from typing import Any

import orjson

from tracking_plan.json_values import cut, exceeds_depth
from tracking_plan.model import MAX_NESTING
from tracking_plan.plan_numbers import NOT_KEPT, NOT_KEPT_MEND, is_kept
from tracking_plan.problems import PlanError, Problem

#: An integer of more is beyond 64 bits.
_MOST_DIGITS = 20
#: Of a number, in a problem's text.
_SHOWN_CHARS = 40


def read_json(text: str) -> Any:
    """The JSON document, nested at most MAX_NESTING levels deep.

    Raises PlanError with line and column of a syntax error, or with every equal key and every integer beyond
    64 bits, of which orjson makes another number.
    """
    try:
        document = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        problem = Problem(
            line=error.lineno,
            column=error.colno,
            what=f"not JSON: {error.msg}",
            mend="correct the syntax here",
        )
        raise PlanError([problem]) from error
    if exceeds_depth(document, MAX_NESTING):
        what = f"nested more than {MAX_NESTING} levels deep"
        raise PlanError([Problem(what=what, mend="flatten the document")])
    if problems := _passed_over(text):
        raise PlanError(problems)
    return document


def _passed_over(text: str) -> list[Problem]:
    problems: list[Problem] = []

    def integer(digits: str) -> int:
        value = 0 if len(digits) > _MOST_DIGITS else int(digits)
        if len(digits) > _MOST_DIGITS or not is_kept(value):
            problem = _not_kept(text, digits)
            problems.extend([] if problem in problems else [problem])
        return value

    def check(pairs: list[tuple[str, Any]]) -> None:
        if len(pairs) != len({key for key, _ in pairs}):
            keys = [key for key, _ in pairs]
            repeated = dict.fromkeys(key for index, key in enumerate(keys) if key in keys[:index])
            problems.extend(_equal_key(text, key) for key in repeated)

    json.loads(text, object_pairs_hook=check, parse_int=integer)
    return problems


def _not_kept(text: str, digits: str) -> Problem:
    """With its place, unless the digits stand elsewhere, too, perhaps within a text."""
    what = f"{cut(digits, _SHOWN_CHARS)} {NOT_KEPT}"
    if text.count(digits) > 1:
        return Problem(what=what, mend=NOT_KEPT_MEND)
    return _problem_behind(text[: text.find(digits)], what, NOT_KEPT_MEND)


def _equal_key(text: str, key: str) -> Problem:
    """The last place where the key is written: exact where it is a key of one object only."""
    before = text[: max(text.rfind(f"{json.dumps(key)}"), text.rfind(json.dumps(key, ensure_ascii=False)), 0)]
    return _problem_behind(
        before, f'the key "{key}" stands twice in one object', "merge or rename one of them"
    )


def _problem_behind(before: str, what: str, mend: str) -> Problem:
    return Problem(line=before.count("\n") + 1, column=len(before) - before.rfind("\n"), what=what, mend=mend)
