"""Laying out JSON changes whitespace and nothing else."""

import json
import re

from hypothesis import given
from hypothesis import strategies as st

from dashboard.json_text import indented

JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


def test_numbers_escapes_order_and_repeated_keys_stay_as_written() -> None:
    written = '{"b":1e2,"a" : [ ],"b":-0.0,"c":[{"d":"\\u0041: {,}"},12345678901234567890]}'
    assert indented(written) == (
        '{\n  "b": 1e2,\n  "a": [],\n  "b": -0.0,\n  "c": [\n    {\n      "d": "\\u0041: {,}"\n    },\n'
        "    12345678901234567890\n  ]\n}"
    )


@given(JSON_VALUES, st.sampled_from([None, 1]), st.booleans())
def test_layout_is_that_of_the_standard_library_and_keeps_every_token(
    value: object, indent: int | None, ascii_only: bool
) -> None:
    written = json.dumps(value, indent=indent, ensure_ascii=ascii_only)
    assert indented(written) == json.dumps(value, indent=2, ensure_ascii=ascii_only)


@given(st.text(alphabet='{}[],:"\\ \n1aé'))
def test_what_is_no_json_still_shows_its_characters(text: str) -> None:
    def bare(some: str) -> list[str]:
        return sorted(re.sub(r"\s", "", some))

    assert bare(indented(text)) == bare(text)
