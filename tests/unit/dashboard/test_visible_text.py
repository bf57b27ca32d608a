"""Hostile and broken text, as people get to see it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.visible_text import MAX_CELL_CHARS, bytes_as_text, cell, hex_dump, visible


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Order Completed", "Order Completed"),
        ("Größe 東京 🎉", "Größe 東京 🎉"),
        ("a\nb\tc\0", "a\\nb\\tc\\x00"),
        ("user\u202egnp.exe", "user\\u202egnp.exe"),
        ("zero\u200bwidth", "zero\\u200bwidth"),
        ("\ud800", "\\ud800"),
        ("<img src=x onerror=alert(1)>", "<img src=x onerror=alert(1)>"),
    ],
)
def test_what_cannot_be_seen_is_shown_as_its_escape(text: str, shown: str) -> None:
    assert visible(text) == shown


def test_documents_keep_their_lines() -> None:
    assert visible("{\n\t1\r\n}", keep_layout=True) == "{\n\t1\\r\n}"


@given(st.text())
def test_visible_text_holds_no_control_or_direction_characters(text: str) -> None:
    shown = visible(text)
    assert not any(
        char < " " or "\u202a" <= char <= "\u202e" or "\ud800" <= char <= "\udfff" for char in shown
    )


@given(st.text(min_size=MAX_CELL_CHARS + 1))
def test_a_cell_is_cut_with_a_sign(text: str) -> None:
    assert len(cell(text)) == MAX_CELL_CHARS + 1
    assert cell(text).endswith("…")


def test_bytes_that_are_no_utf8_are_shown_by_their_value() -> None:
    assert bytes_as_text(b"\n\x0fpay \xff\xc3\xa9") == "\\n\\x0fpay \\xff\u00e9"


def test_a_hex_dump_has_offset_bytes_and_what_can_be_read_of_them() -> None:
    assert hex_dump(b"Order\x00Completed\xff!") == (
        "00000000  4f 72 64 65 72 00 43 6f 6d 70 6c 65 74 65 64 ff  Order.Completed.\n"
        "00000010  21                                               !"
    )


def test_nothing_has_no_dump() -> None:
    assert hex_dump(b"") == ""
