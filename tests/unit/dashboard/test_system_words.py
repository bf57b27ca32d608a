"""What the page System says of servers, producers, plans and partitions."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from dashboard.view_models.system import MAX_ROWS, SILENT_AFTER, SystemModel, system_model
from storage.heartbeats import Heartbeat
from storage.model import Ledger
from storage.partitions import Partition
from storage.readers import AppInfo, PartitionSize, StoredSizes

NOW = datetime(2026, 11, 22, 13, 37, 42, tzinfo=UTC)
ZONE = ZoneInfo("UTC")
SIZES = StoredSizes((), 73_240_000, NOW)
SHOP = AppInfo(7, "Shop", NOW, Ledger(7, 1, 5, 1, 100, NOW, 3))
IOS = {"sdk": "swift/3", "app_version": "4.2.0", "platform": "ios", "environment": ""}


def beat(
    address: str, age: timedelta = timedelta(seconds=2), started_hours: int = 3, **said: Any
) -> Heartbeat:
    """A server's last words, said `age` ago."""
    document = {
        "address": address,
        "seconds": 5.0,
        "events_per_second": 120.0,
        "verdicts": {"valid": 590, "duplicate": 6, "rejected": 3, "id_conflict": 1},
        "commit_ms": {"p50": 2.5, "p99": 31.0},
        "open_calls": 4,
        "queued_events": 17,
        "retention_days": 30,
        "plan_versions": {"7": 3},
        "producers": [{"app_id": 7, **IOS, "events": 600}],
        **said,
    }
    return Heartbeat(UUID(int=1), NOW - timedelta(hours=started_hours), NOW - age, document, NOW)


def told(*beats: Heartbeat, sizes: StoredSizes = SIZES) -> SystemModel:
    return system_model(beats, sizes, [SHOP], ZONE)


def figure(model: SystemModel, label: str) -> str:
    return next(each.value for each in model.figures if each.label == label)


def test_running_servers_are_added_up() -> None:
    model = told(beat("a:1"), beat("b:1", commit_ms={"p50": 1.0, "p99": 250.0}))
    assert model.alarms == ()
    assert figure(model, "Events per second") == "240"
    assert figure(model, "Commit (p99)") == "250 ms"
    assert figure(model, "Queued events") == "34"
    assert figure(model, "Duplicates") == "1.0 %"
    assert figure(model, "Rejected") == "0.7 %"
    assert figure(model, "Database") == "73.2 MB"
    assert figure(model, "Retention") == "30 d"
    assert model.producers == (("Shop", "ios v4.2.0 · swift/3", "240"),)
    assert [server.state for server in model.servers] == ["running", "running"]


def test_without_a_server_it_says_what_to_do() -> None:
    model = told()
    assert "lvd ingest" in model.alarms[0]
    assert figure(model, "Events per second") == "—"
    assert figure(model, "Queued events") == "—"
    assert model.servers == ()


def test_a_silent_server_is_named_with_its_time_and_adds_nothing() -> None:
    model = told(beat("a:1"), beat("b:1", SILENT_AFTER + timedelta(seconds=5)))
    assert len(model.alarms) == 1
    assert "b:1 has been silent since 13:37:22" in model.alarms[0]
    assert [(server.address, server.silent) for server in model.servers] == [("a:1", False), ("b:1", True)]
    assert model.servers[1].rate == "—"
    assert figure(model, "Events per second") == "120"


def test_three_missed_heartbeats_are_not_yet_silence() -> None:
    assert told(beat("a:1", SILENT_AFTER)).alarms == ()


def test_a_server_that_was_started_anew_is_no_silent_one() -> None:
    old = beat("a:1", timedelta(hours=1), started_hours=9)
    model = told(old, beat("a:1"))
    assert model.alarms == ()
    assert len(model.servers) == 1


def test_of_several_silent_servers_of_one_address_the_last_is_named() -> None:
    model = told(beat("a:1", timedelta(hours=2), 9), beat("a:1", timedelta(minutes=1), 2))
    assert [alarm for alarm in model.alarms if "silent" in alarm] == [model.alarms[1]]
    assert "13:36:42" in model.alarms[1]


def test_apps_out_of_reach_are_not_named() -> None:
    model = told(beat("a:1", producers=[{"app_id": 8, **IOS, "events": 600}], plan_versions={"8": 1}))
    assert model.producers == ()
    assert model.plans == (("Shop", "version 3", "none yet: it sent no events"),)


def test_a_server_that_judges_by_an_older_plan_is_told() -> None:
    model = told(beat("a:1"), beat("b:1", plan_versions={"7": 2}))
    assert model.plans[0][2].startswith("a server still judges by version 2")


def test_hostile_words_of_a_producer_stay_visible_text() -> None:
    hostile = {**IOS, "platform": "<b>\u202e", "app_version": ""}
    model = told(beat("a:1", producers=[{"app_id": 7, **hostile, "events": 5}]))
    assert model.producers[0][1] == "<b>\\u202e · swift/3"


def test_partitions_are_listed_newest_first_without_those_made_ahead() -> None:
    days = [date(2026, 11, 23), date(2026, 11, 22), date(2026, 11, 21)]
    rows = [None, None, 1_234_567]
    partitions = tuple(
        PartitionSize(Partition(day), count, 2_000_000) for day, count in zip(days, rows, strict=True)
    )
    model = told(sizes=StoredSizes(partitions, 10_000_000, NOW))
    assert model.partitions == (("2026-11-22", "—", "2.0 MB"), ("2026-11-21", "≈ 1,234,567", "2.0 MB"))
    assert "1 day made ahead" in model.partitions_note


def test_a_long_past_is_cut_and_said_to_be() -> None:
    partitions = tuple(
        PartitionSize(Partition(NOW.date() - timedelta(days=age)), 1, 1) for age in range(MAX_ROWS + 9)
    )
    model = told(sizes=StoredSizes(partitions, 1, NOW))
    assert len(model.partitions) == MAX_ROWS
    assert f"The newest {MAX_ROWS} of {MAX_ROWS + 9} are listed" in model.partitions_note
