"""Every counter is there before anything is counted: an alarm on rate() is to see the first fault."""

import pytest

from ingest_server.metrics import GroupError, Metrics, OfferedAgain
from ingest_server.status import REASONS
from storage.reasons import Reason
from tracking_plan.verdict import Verdict

VALUES: dict[str, list[str]] = {
    "committed_events": [verdict.name.lower() for verdict in Verdict],
    "rejected_events": list(Reason),
    "refused_calls": list(REASONS),
    "offered_again_batches": list(OfferedAgain),
    "failed_groups": list(GroupError),
}
LABELS = {"committed_events": "verdict", "failed_groups": "error"}


@pytest.mark.parametrize("counter", VALUES)
def test_counters_stand_at_0_for_every_value_before_anything_happened(counter: str) -> None:
    registry, name = Metrics().registry, f"lvd_ingest_{counter}_total"
    label = LABELS.get(counter, "reason")
    assert {
        value: registry.get_sample_value(name, {label: value}) for value in VALUES[counter]
    } == dict.fromkeys(VALUES[counter], 0)


def test_every_status_stands_at_0() -> None:
    statuses = ("OK", "CANCELLED", "INTERNAL", "UNAUTHENTICATED", "UNAVAILABLE")
    registry = Metrics().registry
    for status in statuses:
        assert registry.get_sample_value("lvd_ingest_ended_calls_total", {"status": status}) == 0
