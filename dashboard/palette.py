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
