"""Credentials for a server that is reached by TLS, and what the failures of TLS mean."""

import re
import ssl
from collections.abc import Sequence
from pathlib import Path

import grpc

#: What gRPC says of a connection that failed, as a pattern → what it means and how to mend it. The first that
#: is found counts; the texts are those of BoringSSL and gRPC's core.
_MEANINGS: Sequence[tuple[str, str]] = (
    (
        "CERTIFICATE_VERIFY_FAILED",
        "the server's certificate is not vouched for by an authority that this client trusts, or expired: "
        "give the authority's certificate as `ca`",
    ),
    (
        "Hostname Verification Check failed",
        "the server's certificate is for another name: connect to the name that it was issued for",
    ),
    (
        "WRONG_VERSION_NUMBER",
        "the server does not speak TLS: leave the credentials away, or ask its operator",
    ),
    (
        "failed to connect.*(Socket closed|Connection reset)",
        "the server closed the connection at once: if it speaks TLS, give credentials; if it asks for a "
        "certificate of yours, give one that its authorities vouch for",
    ),
)


def tls_credentials(
    *, ca: Path | None = None, certificate: Path | None = None, key: Path | None = None
) -> grpc.ChannelCredentials:
    """Credentials for `Options.credentials`, from PEM files.

    `ca` holds the authorities that vouch for the server; None: those that gRPC brings. `certificate` and
    `key`, for servers that ask producers for one (mTLS). Raises ValueError, naming the file that is unusable.
    """
    if (certificate is None) != (key is None):
        raise ValueError("A certificate needs its key, and a key its certificate: give both.")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    authorities = None if ca is None else _authorities(context, ca)
    if certificate is None or key is None:
        return grpc.ssl_channel_credentials(authorities)
    private = _read(key)
    chain = _read(certificate)
    try:
        # Without a password the library would ask for one at the terminal.
        context.load_cert_chain(certificate, key, password=lambda: "")
    except (ssl.SSLError, ValueError):
        raise ValueError(
            f"{key} is not the key of the certificate {certificate}: give both as PEM, the key without a "
            "password."
        ) from None
    return grpc.ssl_channel_credentials(authorities, private, chain)


def meaning_of(details: str) -> str:
    """What a failure to connect means, in a sentence; "" if nothing is known beyond gRPC's words."""
    return next((meaning for words, meaning in _MEANINGS if re.search(words, details)), "")


def _authorities(context: ssl.SSLContext, path: Path) -> bytes:
    authorities = _read(path)
    try:
        context.load_verify_locations(path)
    except ssl.SSLError:
        raise ValueError(f"{path} holds no certificate of an authority: give it as PEM.") from None
    return authorities


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise ValueError(f"{path} cannot be read: {error.strerror}.") from None
