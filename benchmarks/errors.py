"""What ends a benchmark."""


class BenchFailed(Exception):
    """The benchmark cannot run here, or what it measured was not right; the message says which and why."""
