"""Pages whose body the server words as a whole: sent again only when it reads differently."""

from typing import Any
from zlib import crc32

import orjson
from dash.development.base_component import Component

from dashboard.api.answers import as_dash_does
from dashboard.api.schemas import OverviewAsked, SystemAsked
from dashboard.layout.overview import overview_body
from dashboard.layout.system import system_body
from dashboard.view_models.overview import overview as overview_rows
from dashboard.view_models.system import system_model
from dashboard.viewer import Viewer

Json = dict[str, Any]


def system(viewer: Viewer, asked: SystemAsked) -> Json:
    """The body of the page System."""
    model = system_model(viewer.servers(), viewer.stored_sizes(), viewer.apps(), viewer.zone)
    return changed(system_body(model), asked.tag)


def overview(viewer: Viewer, asked: OverviewAsked) -> Json:
    """The body of the page Overview."""
    return changed(overview_body(overview_rows(viewer.pulses(), viewer.zone)), asked.tag)


def changed(body: list[Component], tag: str) -> Json:
    """The body, unless it is the one that the page has under `tag`."""
    text = orjson.dumps(body, as_dash_does)
    now = f"{len(text)}.{crc32(text)}"
    return {"tag": now} if now == tag else {"tag": now, "body": orjson.Fragment(text)}
