"""Properties of the payload as people write them."""

from contextlib import suppress
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.filters import BadFilter
from dashboard.property_text import parse
from storage.errors import BadRequest
from storage.readers import Comparison, Filters, Property, Scalar, countable


@pytest.mark.parametrize(
    ("text", "steps", "comparison", "values"),
    [
        ("/total > 100", ("total",), ">", (Decimal(100),)),
        ("/total>=1e2", ("total",), ">=", (Decimal("1e2"),)),
        ("  /total   <  -0.5 ", ("total",), "<", (Decimal("-0.5"),)),
        ('/currency = "EUR"', ("currency",), "=", ("EUR",)),
        ("/currency = EUR", ("currency",), "=", ("EUR",)),
        ('/currency != "E = R"', ("currency",), "!=", ("E = R",)),
        ("/first = true", ("first",), "=", (True,)),
        ("/coupon != null", ("coupon",), "!=", (None,)),
        ('/currency in "EUR", "USD"', ("currency",), "=", ("EUR", "USD")),
        ('/currency in ["EUR", 1, null]', ("currency",), "=", ("EUR", Decimal(1), None)),
        ("/currency in EUR, 7", ("currency",), "=", ("EUR", Decimal(7))),
        ("/items/*/price <= 3", ("items", "*", "price"), "<=", (Decimal(3),)),
        ("/a~1b/c~0d = 1", ("a/b", "c~d"), "=", (Decimal(1),)),
        ('"/a = b" = 1', ("a = b",), "=", (Decimal(1),)),
        ("/in stock = 1", ("in stock",), "=", (Decimal(1),)),
        ('/at > "2026-01-01"', ("at",), ">", ("2026-01-01",)),
        ('/note = "= 1"', ("note",), "=", ("= 1",)),
        ("/note = O'Hara <a=b>", ("note",), "=", ("O'Hara <a=b>",)),
    ],
)
def test_a_property_reads_as_it_is_written(
    text: str, steps: tuple[str, ...], comparison: str, values: tuple[Scalar, ...]
) -> None:
    assert parse(text) == Property(steps, Comparison(comparison), values)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "cannot be read"),
        ("total > 100", "cannot be read"),
        ("/total", "cannot be read"),
        ("/total >", "cannot be read"),
        ("/total > {}", "a number, a text"),
        ("/total = [1]", "a number, a text"),
        ("/total in [[1]]", "a number, a text"),
        ("/total = NaN", "no JSON number"),
        ('/total = "open', "cannot be read"),
        ('"total" = 1', "no path"),
        ("/a~2 = 1", "no path"),
        ("/total > 1e9999999999999999999999", "no event can hold"),
        ("/total in 1, -1e9999999999999999999999", "no event can hold"),
        ("/total == 12.5", "'= 12.5' cannot be read: write it like"),
        ("/total <> 12.5", "'> 12.5' cannot be read: write it like"),
        ("/total => 12.5", "'> 12.5' cannot be read: write it like"),
        ("/total << 12.5", "'< 12.5' cannot be read: write it like"),
        ("/currency = 'EUR'", "cannot be read: write it like"),
        ("/currency in 'EUR', 'USD'", "cannot be read: write it like"),
        ("/total > 1" + " " * 600, "cannot be read"),
    ],
)
def test_what_cannot_be_read_is_refused_with_an_example(text: str, words: str) -> None:
    with pytest.raises(BadFilter, match=words):
        parse(text)


@given(st.text(max_size=60) | st.text(max_size=40).map(lambda rest: f"/a = {rest}"))
def test_any_text_is_a_property_or_refused(text: str) -> None:
    with suppress(BadFilter, BadRequest):
        assert not countable(Filters(properties=(parse(text),)))
