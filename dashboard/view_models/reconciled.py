"""The counters as one sum, and whether it agrees with what was counted on arrival; pure."""

from dashboard import formats
from dashboard.counting import SHOWN, Counts, Reconciled


def reconciled_words(counts: Counts, check: Reconciled | None) -> str:
    """`12 received = 9 valid + 1 invalid + …`; `check` None: the range is too long to count again."""
    parts = " + ".join(f"{formats.number(counts.by_verdict[verdict])} {verdict.word}" for verdict in SHOWN)
    return f"{formats.number(counts.received)} received = {parts}{_agreement(check)}"


def _agreement(check: Reconciled | None) -> str:
    if check is None or check == Reconciled(0, 0):
        return ""
    if check.received == check.counted:
        return " · ✓ as counted on arrival"
    missing = formats.number(abs(check.received - check.counted))
    return f" · ✕ {formats.number(check.received)} were counted on arrival, {missing} are not accounted for"
