"""Real events and their plan: 255 webhook payloads, 66 events with 1.2 MB of schemas."""

from dataclasses import replace
from typing import Any

import orjson
import pytest

from tests.support.shared_data import shared_data
from tracking_plan.compiled import CompiledPlan, compile_plan
from tracking_plan.field_ledger import field_ledger
from tracking_plan.formats import load_plan, to_document
from tracking_plan.model import Formats, TrackingPlan
from tracking_plan.verdict import Verdict
from tracking_plan.violation import Kind

_REMOVABLE = ("sender", "repository", "action", "installation")


@pytest.fixture(scope="module")
def plan() -> TrackingPlan:
    return load_plan((shared_data("github-webhooks") / "plan.json").read_bytes(), "plan.json")


@pytest.fixture(scope="module")
def asserting(plan: TrackingPlan) -> CompiledPlan:
    return compile_plan(plan, version=1)


@pytest.fixture(scope="module")
def rows() -> list[dict[str, Any]]:
    lines = (shared_data("github-webhooks") / "payloads.jsonl").read_bytes().splitlines()
    return [orjson.loads(line) for line in lines]


def invalid(compiled: CompiledPlan, rows: list[dict[str, Any]]) -> dict[tuple[str, str], Any]:
    judged = {(row["event"], row["file"]): compiled.judge(row["event"], row["payload"]) for row in rows}
    assert len(judged) == 255
    return {key: each.violations for key, each in judged.items() if each.verdict is not Verdict.VALID}


def without_one_field(row: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    removed = next(name for name in _REMOVABLE if name in row["payload"])
    return removed, {name: value for name, value in row["payload"].items() if name != removed}


def test_with_formats_asserted_two_are_invalid(asserting: CompiledPlan, rows: list[dict[str, Any]]) -> None:
    found = invalid(asserting, rows)
    assert list(found) == [
        ("check_run", "rerequested.payload.json"),
        ("check_run", "rerequested.with-organization.payload.json"),
    ]
    for violations in found.values():
        assert [(each.path, each.kind, each.value) for each in violations] == [
            (f"/check_run/{owner}/{field}", Kind.FORMAT, '"2018-04-25 20:42:10"')
            for owner in ("app", "check_suite/app")
            for field in ("created_at", "updated_at")
        ]


def test_with_formats_annotated_one_is_invalid(plan: TrackingPlan, rows: list[dict[str, Any]]) -> None:
    found = invalid(compile_plan(replace(plan, formats=Formats.ANNOTATE), version=1), rows)
    ((key, (violation,)),) = found.items()
    assert key == ("deployment_status", "gh-pages.payload.json")
    assert (violation.path, violation.kind) == ("/deployment_status/environment_url", Kind.SCHEMA)
    assert violation.expected == "exactly one of 2 alternatives"
    assert violation.received == 'string "", which fits alternatives 1 and 2'


def test_a_removed_field_is_named_also_under_alternatives(
    asserting: CompiledPlan, rows: list[dict[str, Any]]
) -> None:
    valid = []
    for row in rows:
        removed, payload = without_one_field(row)
        judgement = asserting.judge(row["event"], payload)
        if judgement.verdict is Verdict.VALID:
            valid.append(row["event"])
            continue
        named = [each for each in judgement.violations if each.path == f"/{removed}"]
        assert [(each.kind, each.received, each.value) for each in named] == [
            (Kind.MISSING_REQUIRED, "missing", "")
        ]
    assert valid == ["ping", "ping"]


def test_a_removed_field_brings_no_reasons_of_alternatives_that_are_not_meant(
    asserting: CompiledPlan, rows: list[dict[str, Any]]
) -> None:
    counts = [len(asserting.judge(row["event"], without_one_field(row)[1]).violations) for row in rows]
    # Two ping events stay valid; the two check_runs have four bad dates besides.
    assert sorted(counts) == [0, 0, *[1] * 251, 5, 5]


def test_every_violation_stands_in_the_ledger(asserting: CompiledPlan, rows: list[dict[str, Any]]) -> None:
    for row in rows[::4]:
        _, payload = without_one_field(row)
        ledger = {check.path: check for check in field_ledger(asserting, row["event"], payload)}
        for violation in asserting.judge(row["event"], payload).violations:
            assert violation.kind in ledger[violation.path].kinds
        assert not [check for check in ledger.values() if check.status == "unplanned"]


def test_the_plan_is_read_back_from_its_document(plan: TrackingPlan) -> None:
    assert load_plan(orjson.dumps(to_document(plan)), "again.json") == plan
