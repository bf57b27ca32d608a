"""What stands at an address that no page has."""

from collections.abc import Sequence
from typing import Any

import dash
from dash.development.base_component import Component

from dashboard.layout.shell import NavigationItem
from dashboard.layout.states import no_such_page

#: Dash shows the page of a module of this name.
_MODULE = "not_found_404"


def register(navigation: Sequence[NavigationItem]) -> None:
    """Registers the page; needs the app to exist. `navigation`: the pages that there are."""

    def layout(**_query: Any) -> Component:
        return no_such_page([(item.label, item.path) for item in navigation])

    dash.register_page(_MODULE, name="No such page", title="No such page · Live Validation", layout=layout)
