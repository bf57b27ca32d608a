"""TLS for gRPC. The certificates are files, and are looked at again whenever a producer connects."""

import ssl
from dataclasses import dataclass
from pathlib import Path

import grpc
import structlog

_log = structlog.get_logger(__name__)


class TlsFilesUnusable(ValueError):
    """A file that TLS needs cannot be used; the message names its setting."""


@dataclass(frozen=True, slots=True)
class TlsFiles:
    """PEM files: our certificate (and the chain behind it), its key, and who vouches for producers."""

    certificate: Path
    key: Path
    #: None: producers need no certificate of their own.
    client_ca: Path | None

    def check(self) -> None:
        """Raises TlsFilesUnusable unless a server can start with them."""
        _check_readable("LVD_INGEST_TLS_CERT", self.certificate)
        _check_readable("LVD_INGEST_TLS_KEY", self.key)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        try:
            # Without a password the library would ask for one at the terminal.
            context.load_cert_chain(self.certificate, self.key, password=lambda: "")
        except (ssl.SSLError, ValueError):
            raise TlsFilesUnusable(
                f"LVD_INGEST_TLS_KEY: {self.key} is not the key of the certificate {self.certificate}"
                " (LVD_INGEST_TLS_CERT): give both as PEM, the certificate first in its file, the key without"
                " a password"
            ) from None
        if self.client_ca is not None:
            _check_authorities(context, self.client_ca)

    def configuration(self) -> grpc.ServerCertificateConfiguration:
        """The same as gRPC takes it. Raises OSError."""
        authorities = None if self.client_ca is None else self.client_ca.read_bytes()
        pair = (self.key.read_bytes(), self.certificate.read_bytes())
        return grpc.ssl_server_certificate_configuration([pair], authorities)

    def stamps(self) -> tuple[tuple[int, int] | None, ...]:
        """What changes when a file does."""
        return tuple(_stamp(path) for path in (self.certificate, self.key, self.client_ca))


def server_credentials(files: TlsFiles) -> grpc.ServerCredentials:
    """Credentials that follow the files. Raises TlsFilesUnusable."""
    files.check()
    return grpc.dynamic_ssl_server_credentials(
        files.configuration(),
        Renewal(files).fetch,  # type: ignore[arg-type]  # gRPC takes None for "as before", its stubs do not
        require_client_authentication=files.client_ca is not None,
    )


class Renewal:
    """Takes up renewed certificates without a restart. gRPC asks from its own threads, at each handshake."""

    def __init__(self, files: TlsFiles) -> None:
        self._files = files
        self._seen = files.stamps()

    def fetch(self) -> grpc.ServerCertificateConfiguration | None:
        """The new configuration; None: nothing changed, or what is there now cannot be used yet."""
        stamps = self._files.stamps()
        if stamps == self._seen:
            return None
        # Kept though it may fail: files that cannot be used are told once, not at each handshake.
        self._seen = stamps
        try:
            self._files.check()
            configuration = self._files.configuration()
        except (OSError, TlsFilesUnusable) as error:
            _log.error("certificates_not_renewed", why=str(error))
            return None
        _log.info("certificates_renewed", certificate=str(self._files.certificate))
        return configuration


def _check_readable(setting: str, path: Path) -> None:
    try:
        path.read_bytes()
    except OSError as error:
        raise TlsFilesUnusable(f"{setting}: {path} cannot be read: {error.strerror}") from None


def _check_authorities(context: ssl.SSLContext, path: Path) -> None:
    _check_readable("LVD_INGEST_TLS_CLIENT_CA", path)
    try:
        context.load_verify_locations(path)
    except ssl.SSLError:
        raise TlsFilesUnusable(
            f"LVD_INGEST_TLS_CLIENT_CA: {path} holds no certificate: give those of the authorities that"
            " vouch for producers, as PEM"
        ) from None


def _stamp(path: Path | None) -> tuple[int, int] | None:
    if path is None:
        return None
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size
