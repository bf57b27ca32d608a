"""From the validator's errors to violations: what was expected where, and what came instead."""

from collections.abc import Iterable, Sequence
from functools import cached_property, lru_cache
from itertools import islice
from typing import Any

from jsonschema_rs import ValidationError, Validator
from jsonschema_rs import ValidationErrorKind as Fault

from tracking_plan import words
from tracking_plan.alternatives import Discriminator, find_discriminator
from tracking_plan.conditions import conditional
from tracking_plan.json_values import (
    MISSING,
    Path,
    PayloadTooDeepError,
    cut,
    exceeds_depth,
    json_text,
    pointer,
    received_words,
    unjudgeable,
    value_at,
)
from tracking_plan.leaf_words import Leaf, depends_on_schema_only, forbids_all_properties, leaves
from tracking_plan.plain_required import PlainRequired
from tracking_plan.schema_document import SchemaDocument, validator_for
from tracking_plan.validator_paths import exact_path
from tracking_plan.violation import Kind, Violation

#: Errors that are looked at per payload. Far above what an event keeps, far below what stalls a server.
_MAX_ERRORS = 1_000
#: Rules whose words are kept per schema; a recursive schema has no end of places.
_MAX_TOLD = 5_000
#: In characters: longer paths are no plan's, and are not kept.
_MAX_KEPT_PATH = 128
#: Alternatives within alternatives are explained this deep; below, only the choice itself is named.
_MAX_LEVELS = 20


class Explainer:
    """Explains which rules of a schema document a payload breaks. Holds no payload; safe to share."""

    def __init__(self, document: SchemaDocument, *, assert_formats: bool) -> None:
        self.document = document
        self._assert_formats = assert_formats
        self._discriminators: dict[Path, Discriminator | None] = {}
        self._may_keep = not document.has_lossy_names
        self._told: dict[tuple[type[Fault], Path, str | None], tuple[Kind, str]] = {}

    def violations(self, payload: dict[str, Any]) -> list[Violation]:
        """All violations of a payload, unsorted, without repetition. Raises PayloadError."""
        if exceeds_depth(payload):
            raise PayloadTooDeepError
        try:
            errors = self._validator.iter_errors(payload)
        except ValueError as error:
            raise unjudgeable(payload) from error
        found = (*self._required.missing(payload), *self._explained(errors, payload, level=0))
        return list(dict.fromkeys(found))

    @cached_property
    def _required(self) -> PlainRequired:
        return PlainRequired(self.document)

    @cached_property
    def _validator(self) -> Validator:
        """Of all other rules."""
        return validator_for(self._required.rest, assert_formats=self._assert_formats)

    def discriminator_at(self, path: Path) -> Discriminator | None:
        """The discriminator of the `oneOf` or `anyOf` that stands at a path of the document."""
        if path not in self._discriminators:
            alternatives = None if self.document.has_embedded_ids else self.document.at(path)
            self._discriminators[path] = (
                find_discriminator(self.document, alternatives) if isinstance(alternatives, list) else None
            )
        return self._discriminators[path]

    def _explained(self, errors: Iterable[ValidationError], payload: Any, level: int) -> list[Violation]:
        found = [
            violation
            for error in islice(errors, _MAX_ERRORS)
            for violation in self._violations_of(error, payload, level)
        ]
        return list(dict.fromkeys(found))

    def _violations_of(self, error: ValidationError, payload: Any, level: int) -> list[Violation]:
        fault = error.kind
        if isinstance(fault, (Fault.AnyOf, Fault.OneOfNotValid)):
            return self._alternatives(error, fault.context, payload, level)
        return [as_violation(leaf, payload) for leaf in self._leaves(error, payload)]

    def _leaves(self, error: ValidationError, payload: Any) -> list[Leaf]:
        """The error's broken rules; the words of a rule that does not depend on the payload are kept."""
        of_property = forbids_all_properties(error)
        path = exact_path(payload, error.instance_path, error.instance, of_property=of_property)
        name = error.kind.property if isinstance(error.kind, Fault.Required) else None
        key = (type(error.kind), tuple(error.evaluation_path), name)
        if key in self._told:
            kind, expected = self._told[key]
            return [Leaf(path if name is None else (*path, name), kind, expected)]
        part = value_at(payload, path)
        found = [
            conditional(self.document, error, leaf, part) for leaf in leaves(self.document, error, path, part)
        ]
        if self._may_keep and depends_on_schema_only(error) and len(self._told) < _MAX_TOLD:
            self._told[key] = (found[0].kind, found[0].expected)
        return found

    def _alternatives(
        self, error: ValidationError, branches: Sequence[list[ValidationError]], payload: Any, level: int
    ) -> list[Violation]:
        base = exact_path(payload, error.instance_path, error.instance)
        discriminator = self.discriminator_at(tuple(error.schema_path))
        if discriminator and len(discriminator.allowed) == len(branches):
            undecided, chosen = decide(discriminator, payload, base)
            if undecided:
                return [as_violation(undecided, payload)]
            branches = [branches[index] for index in chosen]
        if level >= _MAX_LEVELS:
            leaf = Leaf(base, Kind.SCHEMA, f"one of {len(branches)} alternatives")
            return [as_violation(leaf, payload)]
        return closest([self._explained(branch, payload, level + 1) for branch in branches], pointer(base))


def as_violation(leaf: Leaf, payload: Any) -> Violation:
    """A broken rule with the value that broke it."""
    value = value_at(payload, leaf.path)
    text = json_text(value)
    return Violation(
        pointer(leaf.path), leaf.kind, leaf.expected, leaf.received or received_words(value, text), text
    )


def decide(discriminator: Discriminator, payload: Any, base: Path) -> tuple[Leaf | None, list[int]]:
    """What the discriminator says of the value at `base`: a violation of its own, or what remains."""
    everything = list(range(len(discriminator.allowed)))
    holder = value_at(payload, base)
    if not isinstance(holder, dict):
        return None, everything
    place, expected = (*base, discriminator.property), words.enum_words(discriminator.values)
    value = holder.get(discriminator.property, MISSING)
    if value is MISSING:
        missing = Leaf(place, Kind.MISSING_REQUIRED, expected) if discriminator.required else None
        return missing, everything
    chosen = discriminator.candidates(value)
    return (None, chosen) if chosen else (Leaf(place, Kind.NOT_IN_ENUM, expected), [])


def closest(branches: Sequence[list[Violation]], base: str) -> list[Violation]:
    """The violations of the alternative that the value came closest to: the fewest, then the deepest.

    An alternative that already fails by the value's own type is not meant, unless all do.
    """
    typed = [branch for branch in branches if not _is_of_another_type(branch, base)]
    if not typed:
        return _merged_types(branches, base)
    return min(typed, key=lambda branch: (len(branch), -min((v.path.count("/") for v in branch), default=0)))


def _is_of_another_type(branch: list[Violation], base: str) -> bool:
    return any(violation.path == base and violation.kind is Kind.WRONG_TYPE for violation in branch)


def _merged_types(branches: Sequence[list[Violation]], base: str) -> list[Violation]:
    wrong = [v for branch in branches for v in branch if v.kind is Kind.WRONG_TYPE and v.path == base]
    if not wrong:
        return []
    first = wrong[0]
    expected = cut(words.joined(v.expected for v in wrong), words.MAX_EXPECTED_CHARS)
    return [Violation(first.path, first.kind, expected, first.received, first.value)]


def sort_key(violation: Violation) -> tuple[Any, ...]:
    """Violations by place, then by rule."""
    return path_key(violation.path), violation.kind, violation.expected


def path_key(path: str) -> tuple[tuple[int, str], ...]:
    """JSON Pointers in natural order: item 2 before item 10."""
    return _kept_key(path) if len(path) <= _MAX_KEPT_PATH else _key(path)


def _key(path: str) -> tuple[tuple[int, str], ...]:
    return tuple((len(step), step) if step.isdecimal() else (0, step) for step in path.split("/"))


#: The same few paths are sorted again and again. Names are the producers': a few kilobytes of them are kept.
_kept_key = lru_cache(maxsize=2_000)(_key)
