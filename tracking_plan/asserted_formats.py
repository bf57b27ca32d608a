"""Which of JSON Schema's formats the validator checks: those that the schema's own draft knows.

Any other name is taken, as the standard says, and asks nothing: OpenAPI's `int32` and `password`, one's own
`currency`, and a slip such as `datetime`.
"""

#: By the first draft that knows it.
_SINCE = {
    4: ("date-time", "date", "time", "email", "idn-email", "hostname", "ipv4", "ipv6", "uri", "regex"),
    6: ("uri-reference", "uri-template", "json-pointer"),
    7: ("idn-hostname", "iri", "iri-reference", "relative-json-pointer"),
    2019: ("duration", "uuid"),
}
_FIRST_DRAFT = {name: draft for draft, names in _SINCE.items() for name in names}


def is_asserted(name: str, draft: int) -> bool:
    """Whether a schema of this draft (a value of schema_document.DRAFTS) can be broken by the format."""
    return name in _FIRST_DRAFT and _FIRST_DRAFT[name] <= draft
