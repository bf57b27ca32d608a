"""The page Plan, to change: drafts, checked as `lvd plan push` checks, and saved as the next version."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from flask import Request

from dashboard.api.plan import plan_of
from dashboard.api.plan_schemas import (
    MAX_PLAN_BYTES,
    TOO_LARGE,
    AddEvent,
    Change,
    DescribePlan,
    DraftAsked,
    PlanUnplanned,
    PutProperty,
    RemoveEvent,
    RemoveProperty,
    RenameEvent,
    SaveAsked,
    TakeFile,
)
from dashboard.layout.plan_parts import diff_list, draft_event_card, event_rows, no_diff, problem_list
from dashboard.services import Services
from dashboard.view_models.plan import Looking, conflict_words, event_list, event_model, problem_rows
from dashboard.viewer import Viewer
from storage.errors import BadRequest, Conflict
from storage.plans import StoredPlan
from tracking_plan import editing
from tracking_plan.diff import PlanDiff, plan_diff
from tracking_plan.formats import load_plan, read_plan, to_document
from tracking_plan.formats.native import SWITCHES
from tracking_plan.formats.plan_text import PlanText, plan_text
from tracking_plan.inference import SeenField, infer_schema
from tracking_plan.json_values import same_json
from tracking_plan.model import TrackingPlan
from tracking_plan.problems import PlanError, Problem
from tracking_plan.property_form import property_forms
from tracking_plan.schema_check import schema_problems

Json = dict[str, Any]

_NOT_ALLOWED = "You may read this plan, but not change it"


@dataclass(frozen=True, slots=True)
class _Draft:
    """A draft's text, the plan in it (None: it cannot be read), and what is wrong with it."""

    text: PlanText
    plan: TrackingPlan | None
    problems: Sequence[Problem]


def draft(services: Services, request: Request, asked: DraftAsked) -> Json:
    """The draft after its step: its text if the server wrote it, its problems, what it would change.

    Raises PlanError for a step that cannot be done: the draft stays as it was.
    """
    viewer = services.editor(request, asked.app_id, _NOT_ALLOWED)
    # Another worker may have saved one just now, above all for this very page.
    services.reader.forget_plan(asked.app_id)
    in_force = viewer.plan(asked.app_id)
    held = PlanText(asked.text, asked.filename) if asked.text is not None else _opened(viewer, in_force)
    text, opened = _stepped(viewer, held, asked)
    before = plan_of(in_force)
    found = _checked(text, before)
    written = {} if asked.text == text.text else {"text": text.text}
    return {
        **written,
        "filename": text.filename,
        "in_force": in_force.version,
        "opened": opened,
        "is_usable": not found.problems,
        "problems": problem_list(tuple(problem_rows(found.problems)), len(found.problems)),
        **_words(viewer, found, before, asked, opened),
    }


def save(services: Services, request: Request, asked: SaveAsked) -> Json:
    """Saves the draft as the next version, in the name of who does it; the same plan again is no new version.

    Raises PlanError, and Conflict where another version is in force by now.
    """
    viewer = services.editor(request, asked.app_id, _NOT_ALLOWED)
    document = to_document(load_plan(asked.text.encode(), asked.filename))
    services.reader.forget_plan(asked.app_id)
    in_force = viewer.plan(asked.app_id)
    if in_force.version == asked.base_version and same_json(in_force.document, document):
        return {"version": in_force.version, "changed": False, "events": len(document["events"])}
    version = services.health.watch(
        lambda: _push(services, viewer, asked, document, services.access.who(request))
    )
    services.reader.forget_plan(asked.app_id)
    return {"version": version, "changed": True, "events": len(document["events"])}


def _push(services: Services, viewer: Viewer, asked: SaveAsked, document: Json, who: str) -> int:
    try:
        return services.plans.push(
            asked.app_id, document, note=asked.note.strip(), author=who, replaces=asked.base_version
        )
    except Conflict:
        in_force = services.plans.in_force(asked.app_id)
        raise Conflict(conflict_words(in_force, asked.base_version, viewer.zone)) from None


def _opened(viewer: Viewer, in_force: StoredPlan) -> PlanText:
    """What is in force as text; a plan without events where there is none."""
    document = in_force.document or editing.new_document(viewer.app_name(in_force.app_id))
    opened = plan_text(document)
    if len(opened.text.encode()) > MAX_PLAN_BYTES:
        raise BadRequest(TOO_LARGE)
    return opened


def _stepped(viewer: Viewer, held: PlanText, asked: DraftAsked) -> tuple[PlanText, str]:
    """The text after the step, and the event that is open then."""
    step = asked.step
    if step is None:
        return held, asked.event
    if isinstance(step, TakeFile):
        return _taken(held), asked.event
    document = to_document(read_plan(held.text.encode(), held.filename))
    changed = _changed(viewer, asked.app_id, document, step)
    return plan_text(changed), _open_after(step, asked.event)


def _taken(held: PlanText) -> PlanText:
    """A file's text: a native one stays as it is, with its comments; any other is written anew."""
    if held.filename.lower().endswith((".csv", ".tsv")):
        return plan_text(to_document(load_plan(held.text.encode(), held.filename)))
    return held


def _changed(viewer: Viewer, app_id: int, document: Json, step: Change) -> Json:
    match step:
        case DescribePlan():
            switches = (step.formats, step.unplanned_events, step.unplanned_properties)
            changed = editing.with_settings(document, step.name, *switches)
        case AddEvent():
            changed = editing.with_event(document, step.name, step.description)
        case RenameEvent():
            changed = editing.renamed_event(document, step.event, step.name, step.description)
        case RemoveEvent():
            changed = editing.without_event(document, step.event)
        case PutProperty():
            changed = editing.with_property(document, step.event, step.form(), step.replaces)
        case RemoveProperty():
            changed = editing.without_property(document, step.event, step.path)
        case PlanUnplanned():
            changed = editing.with_event(document, step.event, "", _seen_schema(viewer, app_id, step.event))
    return changed


def _seen_schema(viewer: Viewer, app_id: int, name: str) -> Json:
    seen = viewer.seen_event(app_id, name)
    fields = (SeenField(field.path, field.json_type, field.count) for field in seen.fields)
    return infer_schema(fields, seen.events)


def _open_after(step: Change, before: str) -> str:
    """The event that is open after a step; "": the first one."""
    if isinstance(step, AddEvent | RenameEvent):
        return step.name
    if isinstance(step, RemoveEvent):
        return ""
    return before if isinstance(step, DescribePlan) else step.event


def _checked(text: PlanText, before: TrackingPlan | None) -> _Draft:
    """As `load_plan` checks; events that are those in force were checked when they were saved."""
    try:
        plan = read_plan(text.text.encode(), text.filename)
    except PlanError as error:
        return _Draft(text, None, error.problems)
    known = before.events if before else {}
    return _Draft(
        text,
        plan,
        [
            problem
            for name, event in plan.events.items()
            if name not in known or known[name].schema != event.schema
            for problem in schema_problems(name, event.schema)
        ],
    )


def _words(
    viewer: Viewer, found: _Draft, before: TrackingPlan | None, asked: DraftAsked, opened: str
) -> Json:
    plan = found.plan
    if plan is None:
        return {"changes": no_diff(), "is_changed": True, "list": None, "event": None, "forms": {}}
    names = list(plan.events)
    name = opened if opened in plan.events else next(iter(names), "")
    diff = plan_diff(before, plan) if before else plan_diff(None, plan)
    forms = property_forms(plan.events[name].schema) if name else {}
    return {
        "opened": name,
        "changes": diff_list(diff, _same_words(before, diff)),
        "is_changed": bool(diff) or before is None,
        "list": event_rows(
            event_list(names, {}, Looking(asked.search, name), viewer.now, viewer.zone), with_counts=False
        ),
        "event": draft_event_card(event_model(plan, name), forms),
        "forms": {path: asdict(form) for path, form in forms.items()},
        "description": plan.events[name].description if name else "",
        "settings": {key: getattr(plan, key) for key in ("name", *SWITCHES)},
    }


def _same_words(before: TrackingPlan | None, diff: PlanDiff) -> str:
    if before is None:
        return "This will be the app's first version."
    return "" if diff else "Nothing differs from the version in force."
