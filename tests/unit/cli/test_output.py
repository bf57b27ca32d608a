from datetime import UTC, datetime

import pytest

from cli.output import answer, json_line, table, visible


def test_an_answer_is_one_json_object_or_text(capsys: pytest.CaptureFixture[str]) -> None:
    answer(True, {"app": "Shop", "at": datetime(2026, 1, 2, tzinfo=UTC)}, "text")
    answer(False, {}, "text")
    assert capsys.readouterr().out == '{"app":"Shop","at":"2026-01-02T00:00:00Z"}\ntext\n'


def test_a_table_aligns_its_columns_and_leaves_no_blanks_at_the_end() -> None:
    assert table(("A", "LONGER"), [("first", 1), ("b", "")]).splitlines() == [
        "A      LONGER",
        "first  1",
        "b",
    ]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Ünï 漢", "Ünï 漢"),
        ("\x1b[31mred", "\\x1b[31mred"),
        ("two\nlines", "two\\nlines"),
        ("\u202e", "\\u202e"),
    ],
)
def test_text_that_steers_a_terminal_is_escaped(text: str, shown: str) -> None:
    assert visible(text) == shown


def test_a_table_forges_no_line() -> None:
    assert len(table(("NAME",), [("one\ntwo",)]).splitlines()) == 2


def test_a_json_line_has_no_line_end_within() -> None:
    assert json_line({"name": "a\nb"}) == '{"name":"a\\nb"}'
