"""JSON with a place for every fault: orjson reads, the standard library looks for equal keys."""

import json
from typing import Any

import orjson

from tracking_plan.json_values import exceeds_depth
from tracking_plan.model import MAX_NESTING
from tracking_plan.problems import PlanError, Problem


def read_json(text: str) -> Any:
    """The JSON document, nested at most MAX_NESTING levels deep.

    Raises PlanError with line and column of a syntax error, or with every equal key.
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
    if problems := _equal_keys(text):
        raise PlanError(problems)
    return document


def _equal_keys(text: str) -> list[Problem]:
    problems: list[Problem] = []

    def check(pairs: list[tuple[str, Any]]) -> None:
        if len(pairs) != len({key for key, _ in pairs}):
            keys = [key for key, _ in pairs]
            repeated = dict.fromkeys(key for index, key in enumerate(keys) if key in keys[:index])
            problems.extend(_equal_key(text, key) for key in repeated)

    json.loads(text, object_pairs_hook=check)
    return problems


def _equal_key(text: str, key: str) -> Problem:
    """The last place where the key is written: exact where it is a key of one object only."""
    before = text[: max(text.rfind(f"{json.dumps(key)}"), text.rfind(json.dumps(key, ensure_ascii=False)), 0)]
    return Problem(
        line=before.count("\n") + 1,
        column=len(before) - before.rfind("\n"),
        what=f'the key "{key}" stands twice in one object',
        mend="merge or rename one of them",
    )
