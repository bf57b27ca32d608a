import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cli.sending.members import NotAnObject, read_members

_SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()
_VALUES = st.recursive(
    _SCALARS, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=10
)


@given(
    st.dictionaries(st.text(), _VALUES),
    st.sampled_from([(",", ":"), (", ", ": "), (" ,\t", "\r :\n ")]),
    st.booleans(),
)
def test_every_value_is_cut_out_as_it_is_written(
    document: dict[str, Any], separators: tuple[str, str], ascii_only: bool
) -> None:
    texts = {key: json.dumps(value, ensure_ascii=ascii_only) for key, value in document.items()}
    written = separators[0].join(
        json.dumps(key, ensure_ascii=ascii_only) + separators[1] + text for key, text in texts.items()
    )
    line = f" {{ {written} }} ".encode("utf-8", "surrogatepass")
    try:
        line.decode()
    except UnicodeDecodeError:
        return  # half a character, unescaped: not UTF-8, and covered below
    members = read_members(line)
    assert {key: member.text for key, member in members.items()} == texts


@pytest.mark.parametrize(
    "text",
    ["1.0", "1", "-0.0", "1e2", "1E+400", "123456789012345678901234567890", '"\\u00e9 é"', "NaN", "[1 , 2]"],
)
def test_a_spelling_is_kept(text: str) -> None:
    assert read_members(f'{{"payload":{text}}}'.encode())["payload"].text == text


def test_bytes_that_are_not_utf8_are_kept() -> None:
    member = read_members(b'{"payload":{"a":"\xff\xfe"}}')["payload"]
    assert member.text.encode("utf-8", "surrogateescape") == b'{"a":"\xff\xfe"}'


def test_of_equal_keys_the_last_one_counts() -> None:
    assert read_members(b'{"a":1,"\\u0061":2}')["a"].text == "2"


def test_strings_and_numbers_are_told_apart() -> None:
    members = read_members(b'{"s":"1","n":1,"t":true,"z":null,"nan":NaN}')
    assert [key for key, member in members.items() if member.is_string] == ["s"]
    assert [key for key, member in members.items() if member.is_number] == ["n", "nan"]
    assert members["z"].value is None


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"", "no JSON"),
        (b"nul", "no JSON"),
        (b"[]", "no object"),
        (b'"text"', "no object"),
        (b"{", "character 2"),
        (b'{"a" 1}', "expecting ':'"),
        (b'{"a":}', "no JSON"),
        (b'{"a":1 "b":2}', "expecting ',' or '}', at character 8"),
        (b'{"a":1,}', "in double quotes, at character 8"),
        (b"{'a':1}", "in double quotes"),
        (b'{"a":1}{"b":2}', "more than one JSON value"),
        (b'{"a":' + b"[" * 100_000, "nested too deep"),
    ],
)
def test_what_is_no_object_is_told(line: bytes, reason: str) -> None:
    with pytest.raises(NotAnObject) as refused:
        read_members(line)
    assert reason in str(refused.value)
