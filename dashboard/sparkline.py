"""Small bar charts as images that need nothing from elsewhere; pure."""

from base64 import b64encode
from collections.abc import Sequence

#: Drawn in these units, then stretched to where it stands.
_STEP, _BAR, _HEIGHT = 5, 4, 24
#: Whatever is more than nothing can be seen.
_LEAST = 1.5


def sparkline(values: Sequence[int], colour: str) -> str:
    """A `data:` address of an SVG with a bar per value; the largest reaches the top, 0 draws nothing."""
    most = max(values, default=0)
    heights = ((place, max(_HEIGHT * value / most, _LEAST)) for place, value in enumerate(values) if value)
    bars = "".join(_bar(place * _STEP, height) for place, height in heights)
    width = max(len(values), 1) * _STEP
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {_HEIGHT}" preserveAspectRatio="none">'
        f'<path fill="{colour}" d="{bars}"/></svg>'
    )
    return f"data:image/svg+xml;base64,{b64encode(svg.encode()).decode()}"


def _bar(left: int, height: float) -> str:
    return f"M{left} {_HEIGHT}v-{height:.1f}h{_BAR}v{height:.1f}z"
