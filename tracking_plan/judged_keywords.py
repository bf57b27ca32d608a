"""Which keywords that ask something of a value the validator judges by: those that the schema's draft knows.

Any other one is taken, as the standard says, and asks nothing: OpenAPI's `nullable`, a keyword of a later
draft, and a slip such as `maxLenght`.
"""

#: By the first draft that knows it. Those that every draft knows are not listed where a table tells them.
_SINCE = {
    4: ("additionalItems", "dependencies", "not", "patternProperties"),
    6: ("const", "contains", "contentEncoding", "contentMediaType", "propertyNames"),
    7: ("if", "then", "else"),
    2019: (
        *("dependentRequired", "dependentSchemas", "minContains", "maxContains"),
        *("unevaluatedItems", "unevaluatedProperties", "$recursiveRef"),
    ),
    2020: ("prefixItems", "$dynamicRef"),
}
#: The last draft that judges by it; later ones take it for a note.
_UNTIL = {"additionalItems": 2019, "contentEncoding": 7, "contentMediaType": 7, "$recursiveRef": 2019}
_FIRST_DRAFT = {name: draft for draft, names in _SINCE.items() for name in names}


def is_judged(keyword: str, draft: int) -> bool:
    """Whether a schema of this draft (a value of schema_document.DRAFTS) can be broken by the keyword."""
    return keyword in _FIRST_DRAFT and _FIRST_DRAFT[keyword] <= draft <= _UNTIL.get(keyword, draft)
