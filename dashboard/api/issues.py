"""The page Issues: what is listed and mapped, and what people say of issues."""

from typing import Any

from flask import Request

from dashboard import formats
from dashboard.api.reports import changed
from dashboard.api.schemas import IssueSaid, IssuesAsked
from dashboard.ids import Ids
from dashboard.layout.heatmap import heat_table
from dashboard.layout.issue_list import issue_rows, nothing_to_list
from dashboard.layout.issues import kind_options, name_options, standings
from dashboard.services import Services
from dashboard.time_ranges import history
from dashboard.view_models.heatmap import heatmap
from dashboard.view_models.issues import issue_list
from dashboard.view_models.setting import Setting
from dashboard.viewer import Viewer
from storage.issues import Standing

Json = dict[str, Any]

_NOT_ALLOWED = "You may see these issues, but not change what is said of them"


def issues(services: Services, request: Request, asked: IssuesAsked) -> Json:
    """What the page shows now; rows and map only if they read differently from those that it has."""
    viewer, app_id = services.viewer(request), asked.view.app_id
    viewer.ledger(app_id)
    return _shown(viewer, asked, may_edit=services.access.may_edit(request, app_id))


def _shown(viewer: Viewer, asked: IssuesAsked, *, may_edit: bool) -> Json:
    view, app_id = asked.view.chosen(), asked.view.app_id
    span = history(view.range_key, viewer.now)
    setting = Setting(viewer.app_name(app_id), span, viewer.now, viewer.zone)
    bars = viewer.issue_bars(app_id, span)
    found = issue_list(viewer.issues(app_id), bars, view, setting)
    heat = heat_table(heatmap(bars, setting, view.names))
    any_events = viewer.ledger(app_id).last_received_at is not None
    empty = nothing_to_list(found, view, any_events=any_events)
    return {
        "rows": changed(issue_rows(found, may_edit=may_edit), asked.rows_tag),
        "heat": changed([heat], asked.heat_tag),
        "tabs": standings(found.by_standing.items()),
        "names": name_options(found.names),
        "kinds": kind_options(found.kinds),
        "is_cut": len(found.rows) < found.matching and not view.every,
        "empty": empty,
        "texts": {
            Ids.ISSUES_EMPTY.value: empty,
            Ids.ISSUES_NOTE.value: found.note,
            Ids.ISSUES_ZONE.value: f"Times in {formats.zone_name(viewer.zone, viewer.now)}",
        },
    }


def say(services: Services, request: Request, said: IssueSaid) -> Json:
    """Does what was said of an issue, in the name of who says it, if that viewer may change its app."""
    services.editor(request, said.app_id, _NOT_ALLOWED)
    who = services.access.who(request)
    services.health.watch(lambda: _do(services, said, who))
    services.reader.forget_issues(said.app_id)
    return {"standing": said.standing.value}


def _do(services: Services, said: IssueSaid, who: str) -> None:
    store, app_id, key = services.issues, said.app_id, said.key()
    if said.standing is Standing.RESOLVED:
        store.resolve(app_id, key, who=who)
    elif said.standing is Standing.MUTED:
        store.mute(app_id, key, reason=said.reason, who=who)
    else:
        store.reopen(app_id, key)
