"""What ends a command: told in one line (what, where, how to mend it), never as a traceback."""


class CommandFailed(Exception):
    """The command could not do what was asked."""

    exit_code = 1


class BadUsage(CommandFailed):
    """The command was asked for something that does not go together."""

    exit_code = 2
