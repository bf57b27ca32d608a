"""Processes that a test ends."""

import psutil


def runs(process: psutil.Process) -> bool:
    """False once it has ended, whether or not somebody took note of it."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
