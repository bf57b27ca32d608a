"""Rejected events by reason, and as files."""

import csv
import io
from base64 import b64decode
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import orjson
import pytest

from dashboard.exports.rejected import ExportForm, head, line
from dashboard.exports.spreadsheet import csv_line, neutral
from dashboard.layout.rejects import export_links, replay_words
from dashboard.time_ranges import TimeRange
from dashboard.view_models.rejected_groups import group_list
from storage.model import Source
from storage.readers import MAX_GROUPED, RejectedBar, RejectedGroups, RejectedRow

NOW = datetime(2026, 11, 22, 13, 37, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = TimeRange(NOW - 24 * HOUR, None)
UTC_ZONE = ZoneInfo("UTC")


def bar(reason: str, hours_ago: int, kinds: int, times: int) -> RejectedBar:
    at = (NOW - hours_ago * HOUR).replace(minute=0)
    return RejectedBar(reason, at, kinds, times, at - timedelta(days=1), at + timedelta(minutes=5))


GROUPS = RejectedGroups(
    (
        bar("payload_not_json", 0, 3, 4),
        bar("unplanned_event", 2, 10, 1_200),
        bar("payload_not_json", 5, 2, 2),
    ),
    complete=True,
)


def test_reasons_are_added_up_most_frequent_first() -> None:
    found = group_list(GROUPS, "24h", DAY, NOW, UTC_ZONE)
    assert [(row.reason, row.words, row.times, row.kinds) for row in found.rows] == [
        ("unplanned_event", "unplanned event", "1,200", "10"),
        ("payload_not_json", "payload not JSON", "6", "5"),
    ]
    second = found.rows[1]
    assert (second.first_seen, second.last_seen) == ("2026-11-21 08:00", "13:05")
    assert second.last_seen_utc == "2026-11-22T13:05:00.000000Z"
    assert second.spark_words.endswith("bars of 1 h: at most 3")
    assert [row.may_pass for row in found.rows] == [True, False]
    assert found.note == ""


@pytest.mark.parametrize(
    ("groups", "note"),
    [
        (RejectedGroups((), complete=True), "Nothing was rejected in this range."),
        (replace(GROUPS, complete=False), "Of the 20,000 rejected events that were seen last."),
    ],
)
def test_what_is_missing_is_said(groups: RejectedGroups, note: str) -> None:
    assert group_list(groups, "24h", DAY, NOW, UTC_ZONE).note == note
    assert MAX_GROUPED == 20_000


def test_all_of_time_has_bars_of_days_and_not_too_many() -> None:
    old = RejectedGroups((bar("name_missing", 24 * 400, 1, 1), bar("name_missing", 0, 2, 2)), complete=True)
    (row,) = group_list(old, "all", TimeRange(), NOW, UTC_ZONE).rows
    assert row.kinds == "3"
    assert "bars of" in row.spark_words


@pytest.mark.parametrize(
    ("app", "reasons", "command"),
    [
        ("Shop", (), "lvd replay --app Shop --key YOUR_KEY"),
        ("My $(rm) 'app'", (), "lvd replay --app 'My $(rm) '\"'\"'app'\"'\"'' --key YOUR_KEY"),
        ("Shop", ("unplanned_event",), "lvd replay --app Shop --key YOUR_KEY --reason unplanned_event"),
    ],
)
def test_the_command_that_sends_again_can_be_pasted(app: str, reasons: tuple[str, ...], command: str) -> None:
    _, box, _, places = replay_words(app, reasons, group_list(GROUPS, "24h", DAY, NOW, UTC_ZONE))
    assert box.children[0].children == command
    assert all(flag in places.children for flag in ("--data-dir", "LVD_DATABASE_URL", "--target"))


def test_of_nothing_there_is_nothing_to_send_again_and_nothing_to_export() -> None:
    none = group_list(RejectedGroups((), complete=True), "24h", DAY, NOW, UTC_ZONE)
    (said,) = replay_words("Shop", (), none)
    assert said.children == "There is nothing to send again."
    assert export_links(1, "24h", (), none) == []
    assert len(export_links(1, "24h", (), group_list(GROUPS, "24h", DAY, NOW, UTC_ZONE))) == 2


ROW = RejectedRow(
    day=date(2026, 11, 22),
    sha256="ab" * 32,
    reason="payload_not_json",
    message="the payload is no JSON",
    name="=cmd|' /C calc'!A0",
    raw=b'\n\x00<b>\xff,"',
    raw_bytes=7,
    source=Source("+sdk", "4.2.0", "ios", "prod"),
    run_id="@run",
    first_seen_at=NOW,
    last_seen_at=NOW,
    count=3,
)


def test_json_lines_hold_every_byte() -> None:
    document = orjson.loads(line(ExportForm.JSON_LINES, ROW))
    assert b64decode(document["raw_base64"]) == ROW.raw
    assert (document["name"], document["count"], document["run_id"]) == (ROW.name, 3, "@run")
    assert document["source"]["sdk"] == "+sdk"
    assert head(ExportForm.JSON_LINES) == b""


def test_csv_is_neutralised_and_has_its_columns() -> None:
    text = (head(ExportForm.CSV) + line(ExportForm.CSV, ROW)).decode()
    (cells,) = csv.DictReader(io.StringIO(text))
    assert cells["name"] == "'=cmd|' /C calc'!A0"
    assert (cells["run_id"], cells["sdk"], cells["count"]) == ("'@run", "'+sdk", "3")
    assert cells["raw_as_text"] == '\\n\\x00<b>\\xff,"'


@pytest.mark.parametrize(
    "begins", ["=", "+", "-", "@", "\t", "\r", "\n", "\0", "\uff1d", "\uff0b", "\uff0d", "\uff20"]
)
def test_no_cell_begins_a_formula(begins: str) -> None:
    assert neutral(f"{begins}1+1") == f"'{begins}1+1"
    assert neutral(f"a{begins}1") == f"a{begins}1"


def test_a_line_of_csv_is_quoted_where_it_must_be() -> None:
    assert csv_line(["a,b", 'c"d', "e\nf", 7, "\ud800"]) == b'"a,b","c""d","e\nf",7,\\ud800\r\n'
