"""How verdicts look: a word, a mark and a colour each, so that no colour speaks alone.

Each colour has a contrast of at least 3:1 (WCAG 1.4.11) to both themes' backgrounds, and every two of them
stay apart (CIE76 difference of at least 20) for people who see no red, green or blue (Machado et al. 2009).
"""

from dataclasses import dataclass

from tracking_plan.verdict import Verdict


@dataclass(frozen=True, slots=True)
class Look:
    """How one verdict is shown."""

    word: str
    #: A character that tells the verdict without its colour.
    mark: str
    colour: str
    #: Plotly's fill pattern in stacked bars; "" is plain.
    pattern: str


LOOKS = {
    Verdict.VALID: Look("valid", "✓", "#6494da", ""),
    Verdict.INVALID: Look("invalid", "✕", "#df5044", "/"),
    Verdict.UNPLANNED: Look("unplanned", "?", "#b98c08", "."),
    Verdict.DUPLICATE: Look("duplicate", "=", "#6b7185", "-"),
    Verdict.REJECTED: Look("rejected", "⊘", "#a83be8", "x"),
}

#: Backgrounds on which the colours were checked: light and dark theme.
BACKGROUNDS = ("#ffffff", "#242424")


@dataclass(frozen=True, slots=True)
class HeatLook:
    """A level of a heatmap: a background, and its text, with a contrast of at least 4.5:1 (WCAG 1.4.3)."""

    colour: str
    text: str


#: Levels above none, by theme. Each is darker (in the dark theme: lighter) than the one before, so the order
#: is seen without colours; the values stand in the cells.
HEAT = {
    "light": (
        HeatLook("#fdeae7", "#1a1a1a"),
        HeatLook("#fac9c2", "#1a1a1a"),
        HeatLook("#f29c91", "#1a1a1a"),
        HeatLook("#c7372b", "#ffffff"),
        HeatLook("#7d1009", "#ffffff"),
    ),
    "dark": (
        HeatLook("#33211f", "#ffffff"),
        HeatLook("#5c2b25", "#ffffff"),
        HeatLook("#8f3128", "#ffffff"),
        HeatLook("#f0968b", "#1a1a1a"),
        HeatLook("#fde3df", "#1a1a1a"),
    ),
}
