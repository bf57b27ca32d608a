"""What can go wrong in storage, by what the caller can do about it."""


class StorageError(Exception):
    """Base of all errors of this room."""


class Unavailable(StorageError):
    """The database cannot take or give anything now, or a commit's outcome is unknown: try again later."""


class NotPermitted(StorageError):
    """The database's user lacks a right that we need: whoever runs the database must give it."""


class NotFound(StorageError):
    """What was named does not exist."""


class Conflict(StorageError):
    """What was to be made exists already, or changed meanwhile."""


class BadRequest(StorageError):
    """A query or a value that storage cannot serve; the message says which and how to mend it."""
