import pytest

from cli.sending.encode import Fields, encode_line

_FIELDS = Fields()


def test_a_line_says_all_that_an_event_says() -> None:
    line = (
        b'{"name":"Order Completed","event_id":"o-1","occurred_at":"2026-01-31T12:00:00.5Z","subject":"u",'
        b'"payload":{"total": 1.0, "n":1e2},"other":1}'
    )
    encoded = encode_line(line, _FIELDS)
    event = encoded.event
    assert (event.name, event.event_id, event.subject) == ("Order Completed", "o-1", "u")
    assert (event.occurred_at.seconds, event.occurred_at.nanos) == (1769860800, 500_000_000)
    assert event.payload_json == b'{"total": 1.0, "n":1e2}'
    assert (encoded.event_id, encoded.problem) == ("o-1", None)


def test_nothing_is_made_up() -> None:
    event = encode_line(b'{"name":"A","event_id":null,"occurred_at":null,"payload":{}}', _FIELDS).event
    assert event.event_id == ""
    assert not event.HasField("occurred_at")
    assert encode_line(b'{"name":"A","payload":{}}', _FIELDS).event_id is None


def test_what_is_missing_is_left_to_the_server() -> None:
    encoded = encode_line(b"{}", _FIELDS)
    assert encoded.problem is None
    assert encoded.event.WhichOneof("body") is None
    assert encoded.event.name == ""


@pytest.mark.parametrize(
    "payload", [b"[1]", b'"text"', b"null", b'{"a":NaN}', b'{"a":"\xff"}', b'{"a":1,"a":2}']
)
def test_a_payload_goes_as_it_is_for_the_server_to_judge(payload: bytes) -> None:
    encoded = encode_line(b'{"name":"A","payload":' + payload + b"}", _FIELDS)
    assert encoded.problem is None
    assert encoded.event.payload_json == payload


def test_other_fields_by_name() -> None:
    fields = Fields(name="event", payload="body", event_id="id", time="ts", subject="user")
    event = encode_line(b'{"event":"A","body":{"x":1},"id":7,"ts":1769860800123,"user":12.50}', fields).event
    assert (event.name, event.payload_json, event.event_id, event.subject) == ("A", b'{"x":1}', "7", "12.50")
    assert (event.occurred_at.seconds, event.occurred_at.nanos) == (1769860800, 123_000_000)


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        (b"nonsense", "no JSON"),
        (b"[]", "no object"),
        (b'{"name":5}', "`name` is 5: write it as a string"),
        (b'{"name":"A","event_id":{}}', "`event_id` is {}"),
        (b'{"name":"A","subject":true}', "`subject` is true"),
        (b'{"name":"A","occurred_at":"yesterday"}', '`occurred_at` is "yesterday": write a time like'),
        (b'{"name":"A","occurred_at":[]}', "`occurred_at` is []"),
        (b'{"name":"A","occurred_at":"2026-01-31T12:00:00"}', "write a time like"),
        (b'{"name":"\\ud800"}', "half a character"),
        (b'{"name":"\xff"}', "not UTF-8"),
        (b'{"name":"A","event_id":"' + b"x" * 50 + b'","subject":["' + b"y" * 90 + b'"]}', "yyy…"),
    ],
)
def test_a_line_that_is_not_understood_is_sent_whole_to_be_rejected(line: bytes, problem: str) -> None:
    encoded = encode_line(line, _FIELDS)
    assert encoded.problem is not None
    assert problem in encoded.problem
    assert encoded.event.name == ""
    assert encoded.event.payload_json == line
    assert encoded.event_id is None
