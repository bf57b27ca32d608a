"""Texts that people leave with what they change."""

from storage.errors import BadRequest


def check_text(what: str, value: str, most: int) -> None:
    """Raises BadRequest, in the name of `what`, for a text that Postgres or its column cannot take."""
    if "\0" in value or len(value.encode(errors="replace")) > most:
        raise BadRequest(f"{what} may have at most {most} bytes and no NUL character")
