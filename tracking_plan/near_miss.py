"""Names that were probably meant: `siteId` is planned, `site id` came."""

from collections.abc import Iterable
from difflib import get_close_matches

#: Share of equal characters from which two names are taken for a misspelling; `order_id` and `orderid2` pass.
_SIMILARITY = 0.8


def near_miss(name: str, planned_names: Iterable[str]) -> str | None:
    """The planned name that `name` was probably meant to be, or None.

    A name that differs only in case and separators is a near miss before one that is merely spelled alike.
    None for a name that is planned itself.
    """
    planned = list(planned_names)
    if name in planned:
        return None
    wanted = _folded(name)
    by_folded = {_folded(each): each for each in reversed(planned)}
    if wanted in by_folded:
        return by_folded[wanted]
    close = get_close_matches(wanted, by_folded, n=1, cutoff=_SIMILARITY)
    return by_folded[close[0]] if close else None


def _folded(name: str) -> str:
    return "".join(character for character in name.casefold() if character.isalnum()) or name
