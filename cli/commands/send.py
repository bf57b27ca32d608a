"""`lvd send`: events from JSON lines."""

import os
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from io import BufferedWriter, FileIO
from pathlib import Path
from typing import Annotated, Any, BinaryIO

import typer

from cli.demo_key import demo_key_path, read_demo_key
from cli.errors import BadUsage, CommandFailed
from cli.groups import new_group
from cli.options import DEFAULT_GRPC, AsJson, DatabaseUrl, DataDir, Target
from cli.output import answer, say
from cli.sending.check_app import check_app
from cli.sending.encode import Fields
from cli.sending.send import Sending, send_file
from cli.tls import ByTls, Ca, ClientCert, ClientKey, client_credentials
from livevalidation import Options, Source
from livevalidation.channel import metadata
from livevalidation.event import check_label
from storage.settings import StorageSettings, read_settings

cli = new_group()


@cli.command()
def send(
    file: Annotated[str, typer.Argument(metavar="FILE|-", help="JSON lines; - reads standard input.")],
    key: Annotated[
        str | None,
        typer.Option(
            envvar="LVD_KEY",
            metavar="KEY",
            help="The app's API key; without one, that of the demo in the data folder.",
            show_default=False,
        ),
    ] = None,
    target: Target = DEFAULT_GRPC,
    by_tls: ByTls = False,
    tls_ca: Ca = None,
    tls_cert: ClientCert = None,
    tls_key: ClientKey = None,
    app: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Send only if the key is of this app, else exit with 2."),
    ] = None,
    name_field: Annotated[str, typer.Option(metavar="FIELD", help="Field of the event's name.")] = "name",
    payload_field: Annotated[str, typer.Option(metavar="FIELD", help="Field of the payload.")] = "payload",
    id_field: Annotated[str, typer.Option(metavar="FIELD", help="Field of the id.")] = "event_id",
    time_field: Annotated[
        str,
        typer.Option(
            metavar="FIELD",
            help="Field of the time: RFC 3339, or a number of seconds (below 1e11) or milli-, micro- or "
            "nanoseconds since 1970.",
        ),
    ] = "occurred_at",
    subject_field: Annotated[
        str, typer.Option(metavar="FIELD", help="Field of the user or device.")
    ] = "subject",
    batch_size: Annotated[int, typer.Option(min=1, max=5_000, help="Events in a batch.")] = 500,
    run: Annotated[str, typer.Option(metavar="LABEL", help="Label of a test run.", show_default=False)] = "",
    app_version: Annotated[
        str, typer.Option(help="Of the app that made the events.", show_default=False)
    ] = "",
    platform: Annotated[str, typer.Option(help="Like ios, android, web.", show_default=False)] = "",
    environment: Annotated[str, typer.Option(help="Like production.", show_default=False)] = "",
    sdk: Annotated[str, typer.Option(help="The library that made them.", show_default=False)] = "",
    verdicts: Annotated[
        Path | None,
        typer.Option(metavar="OUT", help="Write what each line was told to this file, as JSON lines."),
    ] = None,
    give_up_after: Annotated[
        float, typer.Option(min=0, metavar="SECONDS", help="Stop when no batch was answered for so long.")
    ] = 300,
    data_dir: DataDir = None,
    database_url: DatabaseUrl = None,  # noqa: ARG001 - every command takes it
    as_json: AsJson = False,
) -> None:
    """Send events from JSON lines, in their order, and say how they were judged.

    A line is an object like {"name": "Order Completed", "event_id": "o-1", "occurred_at":
    "2026-01-31T12:00:00Z", "subject": "user-1", "payload": {"total": 12.5}}; all but name and payload may be
    missing, as no id and no time is made up. The payload's bytes are sent as they are. A line that cannot be
    understood is told by its number, and given to the server to keep as rejected.

    A server that goes away is waited for; what was not acknowledged is sent again, and stored once.
    """
    if verdicts is not None:
        _check_apart(file, verdicts)
    api_key = key or _demo_key(data_dir)
    credentials = client_credentials(by_tls, tls_ca, tls_cert, tls_key)
    try:
        sending = Sending(
            target=target,
            api_key=api_key,
            fields=Fields(
                name=name_field,
                payload=payload_field,
                event_id=id_field,
                time=time_field,
                subject=subject_field,
            ),
            source=Source(sdk=sdk, app_version=app_version, platform=platform, environment=environment),
            run_id=run,
            options=Options(
                verdicts="none" if verdicts is None else "problems",
                credentials=credentials,
                batch_size=batch_size,
                give_up_after=give_up_after,
            ),
        )
        check_label("--run", run)
        metadata(api_key, "none")
    except ValueError as error:
        raise BadUsage(str(error)) from None
    with _input(file) as lines, _output(verdicts) as out:
        if app is not None:
            check_app(target, api_key, sending.options, app)
        summary = send_file(sending, lines.fileno(), out)
    answer(as_json, summary.counts, _in_words(summary.counts))
    if summary.failure is not None:
        raise summary.failure
    if summary.unsent:
        raise CommandFailed(f"{summary.unsent} lines were not sent: see above which, and why")


def _check_apart(file: str, verdicts: Path) -> None:
    try:
        source = os.fstat(_standard_input().fileno()) if file == "-" else Path(file).stat()
        out = verdicts.stat()
    except OSError:
        return  # One of them is not there; if that should not be, it is told where they are opened.
    # To open a file for writing empties it; a terminal may well be both.
    if stat.S_ISREG(out.st_mode) and os.path.samestat(source, out):
        raise CommandFailed(
            f"--verdicts: {verdicts} is the file that is sent: name another one, as this would be emptied"
        )


def _demo_key(data_dir: Path | None) -> str:
    folder = read_settings(StorageSettings, data_dir=data_dir).data_dir
    key = read_demo_key(folder)
    if key is None:
        raise BadUsage("No API key: give one by --key or LVD_KEY; `lvd key create` makes one")
    say(f"Sending to the demo's app, by the key in {demo_key_path(folder)}")
    return key


@contextmanager
def _input(file: str) -> Iterator[BinaryIO]:
    if file == "-":
        yield _standard_input()
        return
    try:
        lines = open(file, "rb")  # noqa: PTH123, SIM115 - a Path takes "" for the working folder
    except OSError as error:
        raise CommandFailed(f"{file or 'FILE'} cannot be read: {error.strerror}") from None
    with lines:
        yield lines


def _standard_input() -> BinaryIO:
    if sys.stdin is None:  # what Python makes of `<&-`
        raise CommandFailed("Standard input is closed: give it the lines, or name a file")
    return sys.stdin.buffer


@contextmanager
def _output(path: Path | None) -> Iterator[BinaryIO | None]:
    if path is None:
        yield None
        return
    try:
        out = BufferedWriter(_Verdicts(path, "wb"))
    except OSError as error:
        raise CommandFailed(f"{path} cannot be written: {error.strerror}") from None
    with out:
        yield out


class _Verdicts(FileIO):
    """The file of the verdicts; what its disk does not take ends the command in words."""

    def write(self, data: Any) -> int:
        """Raises CommandFailed."""
        try:
            return super().write(data)
        except OSError as error:
            raise CommandFailed(
                f"{self.name} cannot be written: {error.strerror}. Mend that and send again: what is stored "
                "already is answered as a duplicate"
            ) from None


def _in_words(counts: dict[str, Any]) -> str:
    conflicts = f" ({counts['id_conflict']:,} by an id conflict)" if counts["id_conflict"] else ""
    verdicts = ", ".join(
        f"{counts[verdict]:,} {verdict}"
        for verdict in ("valid", "invalid", "unplanned", "duplicate", "rejected")
    )
    return (
        f"Sent {counts['sent']:,} events in {counts['seconds']:.1f} s, {counts['received']:,} were answered: "
        f"{verdicts}{conflicts}."
    )
