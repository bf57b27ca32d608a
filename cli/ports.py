"""Whether we can listen where we want to, and who keeps us from it."""

import os
import socket

import psutil

from cli.address import Address
from cli.errors import BadUsage, CommandFailed

_LONGEST_COMMAND = 120


def check_free(address: Address, purpose: str, flag: str) -> None:
    """Raises CommandFailed if nothing of ours could listen there: it names who does, and the flag."""
    try:
        family, _, _, _, place = socket.getaddrinfo(address.host, address.port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family) as probe:
            # As servers do: an address that only an ended connection still names is free.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(place)
    except UnicodeError:
        raise BadUsage(f"{flag} {address} names no host: write HOST:PORT, like 127.0.0.1:50051") from None
    except OSError as error:
        raise CommandFailed(
            f"{purpose} cannot listen on {address} ({_reason(error)}){_holder(address.port)}: "
            f"end that, or move ours by {flag} HOST:PORT"
        ) from None


def _reason(error: OSError) -> str:
    # A resolver's errors have numbers of their own, which os.strerror does not know.
    return str(error.strerror) if isinstance(error, socket.gaierror) else os.strerror(error.errno or 0)


def _holder(port: int) -> str:
    try:
        pids = {
            connection.pid
            for connection in psutil.net_connections("tcp")
            if connection.status == psutil.CONN_LISTEN and connection.laddr[1:2] == (port,) and connection.pid
        }
    except psutil.Error:
        return ""
    return f", held by {', '.join(map(_describe, sorted(pids)))}" if pids else ""


def _describe(pid: int) -> str:
    try:
        command = " ".join(psutil.Process(pid).cmdline())
    except psutil.Error:
        command = "?"
    return f"pid {pid} ({command[:_LONGEST_COMMAND]})"
