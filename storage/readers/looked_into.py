"""What rows are asked beside their columns: violations, and properties of the payload. Pure."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from storage.errors import BadRequest

#: Most properties of one filter, and most steps of a property's path: each is looked for in every row that
#: a search passes.
MAX_PROPERTIES = 5
MAX_STEPS = 16
#: Most values of one property's filter.
MAX_PROPERTY_VALUES = 50
#: Numbers are compared up to this power of ten: no double goes farther.
_MAX_POWER = 400

#: A JSON scalar; numbers as Decimal, so that none is rounded.
Scalar = str | Decimal | bool | None


class Comparison(StrEnum):
    """How a property is compared; larger and smaller hold among numbers, and among texts by code point."""

    IS = "="
    IS_NOT = "!="
    LESS = "<"
    AT_MOST = "<="
    MORE = ">"
    AT_LEAST = ">="


@dataclass(frozen=True, slots=True)
class Property:
    """A property of the payload, and what it must be.

    IS is met by any of the values, IS_NOT by none of them, also where the property is missing; the others
    take one number or text.
    """

    #: Of its JSON Pointer, unescaped; `*` is any item of a list.
    steps: tuple[str, ...]
    comparison: Comparison
    values: tuple[Scalar, ...]

    def check(self) -> None:
        """Raises BadRequest for what cannot be compared."""
        if not 1 <= len(self.steps) <= MAX_STEPS:
            raise BadRequest(f"a property's path has 1 to {MAX_STEPS} steps, not {len(self.steps)}")
        if not 1 <= len(self.values) <= MAX_PROPERTY_VALUES:
            raise BadRequest(f"a property is compared with 1 to {MAX_PROPERTY_VALUES} values")
        if any(isinstance(value, Decimal) and not _comparable(value) for value in self.values):
            raise BadRequest("a property is compared with a number that no event can hold")
        if self.comparison in (Comparison.IS, Comparison.IS_NOT):
            return
        if len(self.values) > 1 or not isinstance(self.values[0], (str, Decimal)):
            raise BadRequest(f"{self.comparison} compares with one number or one text")


def _comparable(number: Decimal) -> bool:
    return number.is_finite() and (not number or abs(number.adjusted()) <= _MAX_POWER)
