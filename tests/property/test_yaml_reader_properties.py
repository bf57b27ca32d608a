"""Whatever JSON value YAML can write is read back, and no text at all crashes the reader."""

from contextlib import suppress
from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st

from tracking_plan.formats import load_plan
from tracking_plan.formats.yaml_reader import read_yaml
from tracking_plan.formats.yaml_writer import write_yaml
from tracking_plan.problems import PlanError

_TEXT = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), max_size=8)
#: Those that a plan can hold.
_NUMBERS = st.integers(-(2**63), 2**64 - 1) | st.floats(allow_nan=False, allow_infinity=False)
_JSON = st.recursive(
    st.none() | st.booleans() | _NUMBERS | _TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_TEXT, inner, max_size=4),
    max_leaves=12,
)


@example("0E0")  # a number to YAML 1.2, a text to PyYAML
@given(_JSON)
def test_a_written_value_is_read_back(value: Any) -> None:
    assert read_yaml(write_yaml(value)) == value


@given(st.text(max_size=60) | st.text(alphabet="a:-{}[]&*!?|>'\"# \n,<", max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    for filename in ("plan.yaml", "plan.json", "plan.csv", "plan"):
        with suppress(PlanError):
            assert load_plan(text.encode(errors="replace"), filename).name
