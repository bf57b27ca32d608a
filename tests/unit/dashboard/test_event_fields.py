"""What the page Coverage says of one event's fields."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from dash import html

from dashboard.layout.event_fields import fields_card, state_cell
from dashboard.view_models.event_fields import Came, FieldsModel, fields_model
from storage.readers import CatalogField, EventFields, FieldValue
from tracking_plan.planned_fields import planned_fields
from tracking_plan.schema_document import SchemaDocument

NOW = datetime(2026, 11, 22, 13, 37, 42, tzinfo=UTC)
HOUR = timedelta(hours=1)
NAME = "Order Completed"
SCHEMA = {
    "required": ["total"],
    "properties": {
        "total": {"type": "number"},
        "currency": {"enum": ["EUR", "USD", "GBP"]},
        "coupon": {"type": "string"},
        "tags": {"type": "array", "items": {"type": "string"}},
    },
}
NOTHING = ("—",) * 4


def field(path: str, json_type: str, count: int) -> CatalogField:
    return CatalogField(NAME, path, json_type, count, NOW - 3 * HOUR, NOW - HOUR)


def value(text: str, count: int) -> FieldValue:
    return FieldValue("/currency", text, count, NOW - 3 * HOUR, NOW - HOUR)


CAME = (
    *(field("/total", "number", 6), field("/total", "string", 2), field("/currency", "string", 8)),
    *(field("/tags", "array", 4), field("/tags/*", "string", 4), field("/tags/*", "integer", 1)),
)


def told(schema: dict[str, Any] = SCHEMA, *, stored: int = 8, beyond: bool = False) -> FieldsModel:
    fields = planned_fields(SchemaDocument(schema))
    # "DKK" was planned once.
    values = (value('"EUR"', 3), value('"GBP"', 1), value('"DKK"', 9))
    return fields_model(EventFields(NAME, fields, stored, CAME, values, beyond), NOW, ZoneInfo("UTC"))


def words(came: Came) -> tuple[str, ...]:
    return came.events, came.share, came.first_seen, came.last_seen


def test_what_never_came_stands_first_then_fields_of_which_a_value_did_not() -> None:
    rows = told().rows
    assert [(row.path, row.came.state) for row in rows] == [
        ("/coupon", "missing"),
        ("/currency", "came"),
        ("/total", "came"),
        ("/tags", "came"),
        ("/tags/*", "came"),
    ]
    assert words(rows[0].came) == NOTHING
    assert (rows[2].required, rows[2].planned_types) == ("yes", "number")


def test_a_field_tells_how_many_events_have_it_and_as_what() -> None:
    total = next(row for row in told().rows if row.path == "/total")
    assert words(total.came) == ("8", "100 %", "10:37", "12:37")
    assert total.came_as == "number 6 · string 2"


def test_items_of_several_types_are_counted_as_far_as_is_known() -> None:
    tags = {row.path: row.came for row in told().rows}
    assert (tags["/tags"].events, tags["/tags"].share) == ("4", "50.0 %")
    assert (tags["/tags/*"].events, tags["/tags/*"].share) == ("≥ 4", "≥ 50.0 %")


def test_each_planned_value_is_told_and_no_former_one() -> None:
    currency = next(row for row in told().rows if row.path == "/currency")
    assert [(row.value, row.came.state, row.came.events, row.came.share) for row in currency.values] == [
        ('"USD"', "missing", "—", "—"),
        ('"EUR"', "came", "3", "75.0 %"),
        ('"GBP"', "came", "1", "25.0 %"),
    ]


def test_the_summary_counts_what_the_rows_say() -> None:
    assert told().summary == "4 of 5 planned fields and 2 of 3 planned values came. 8 events so far."
    assert told({"properties": {"coupon": {}}}).summary == "0 of 1 planned field came. 8 events so far."


def test_what_may_be_among_those_counted_together_is_not_called_missing() -> None:
    model = told(beyond=True)
    assert model.rows[0].came.state == "not known"
    assert "counted together" in model.note


def test_values_that_are_not_counted_are_told() -> None:
    (row,) = told({"properties": {"currency": {"enum": ["EUR", {"a": 1}]}}}).rows
    assert row.note.startswith("1 planned value more, not counted")


def test_without_planned_fields_it_says_so() -> None:
    model = told({})
    assert (model.rows, model.summary, model.note) == ((), "8 events so far.", "")
    assert model.empty in str(fields_card(model, html.Button("Close")))


def test_rows_of_older_days_may_outnumber_the_events_by_source() -> None:
    total = next(row for row in told(stored=5).rows if row.path == "/total")
    assert total.came.share == "100 %"


def test_a_state_is_told_by_sign_and_word() -> None:
    signs = {state: str(state_cell(state)) for state in ("missing", "came", "not known", "captured")}
    assert all(state in told for state, told in signs.items())
    assert len(set(signs.values())) == 4
    card = str(fields_card(told(), html.Button("Close")))
    assert card.count("○ ") == card.count("'missing'") == 2
    assert '"USD"' in card
