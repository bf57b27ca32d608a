"""Small bar charts as images."""

import re
from base64 import b64decode

from dashboard.sparkline import sparkline


def heights(*values: int) -> list[tuple[int, float]]:
    """(left edge, height) of the bars that are drawn."""
    kind, _, data = sparkline(values, "#6494da").partition(",")
    assert kind == "data:image/svg+xml;base64"
    path = re.search(r'd="([^"]*)"', b64decode(data).decode())
    assert path
    return [(int(left), float(height)) for left, height in re.findall(r"M(\d+) 24v-([\d.]+)", path[1])]


def test_the_largest_bar_reaches_the_top_and_none_is_drawn_for_nothing() -> None:
    assert heights(0, 50, 100) == [(5, 12.0), (10, 24.0)]
    assert heights(0, 0) == []
    assert heights() == []


def test_whatever_is_more_than_nothing_can_be_seen() -> None:
    assert heights(1, 1_000_000) == [(0, 1.5), (5, 24.0)]


def test_the_colour_is_the_one_asked_for() -> None:
    assert b'fill="#df5044"' in b64decode(sparkline([1], "#df5044").partition(",")[2])
