"""`lvd replay`: rejected events, sent again after what was at fault is mended."""

from typing import Annotated

import typer

from cli.context import Context, open_context
from cli.errors import BadUsage
from cli.groups import new_group
from cli.options import DEFAULT_GRPC, AppName, AsJson, DatabaseUrl, DataDir, Target
from cli.output import answer
from cli.replaying.gate import Gate
from cli.replaying.replay import Replayed, now_us, rejected_rows, send, tell
from cli.sending.check_app import check_app
from cli.tls import ByTls, Ca, ClientCert, ClientKey, client_credentials
from ingest_server.settings import IngestSettings
from livevalidation import Options
from livevalidation.channel import metadata
from storage.reasons import MAY_PASS_LATER, Reason
from storage.settings import read_settings
from tracking_plan.compiled import NO_PLAN, compile_plan
from tracking_plan.formats.native import plan_from_document

cli = new_group()


@cli.command()
def replay(
    app: AppName,
    key: Annotated[
        str,
        typer.Option(
            envvar="LVD_KEY",
            metavar="KEY",
            help="The app's API key; not needed for --dry-run.",
            show_default=False,
        ),
    ] = "",
    reason: Annotated[
        list[str] | None,
        typer.Option(
            metavar="REASON",
            help="Only events rejected for it; may be repeated. Without it: every reason that lies in the "
            "plan, the clock or the limits, not in the bytes alone.",
            show_default=False,
        ),
    ] = None,
    dry_run: Annotated[
        bool,
        typer.Option("--dry-run", help="Only tell what would be sent, and what be rejected again."),
    ] = False,
    target: Target = DEFAULT_GRPC,
    by_tls: ByTls = False,
    tls_ca: Ca = None,
    tls_cert: ClientCert = None,
    tls_key: ClientKey = None,
    give_up_after: Annotated[
        float, typer.Option(min=0, metavar="SECONDS", help="Stop when no batch was answered for so long.")
    ] = 300,
    data_dir: DataDir = None,
    database_url: DatabaseUrl = None,
    as_json: AsJson = False,
) -> None:
    """Send an app's rejected events again: those that would be taken now.

    Each kept event is read and judged here as the server would, by the plan in force and this machine's
    LVD_INGEST_… limits; what would be rejected again is left where it is and counted by its reason. The
    others are sent with their own source and run. What is stored already is answered as a duplicate, so a
    second replay stores nothing twice. Nothing is deleted: the list of rejected events stays as it was.
    """
    reasons = _reasons(reason)
    options = Options(
        verdicts="none",
        credentials=client_credentials(by_tls, tls_ca, tls_cert, tls_key),
        give_up_after=give_up_after,
    )
    if not dry_run:
        _check_key(target, key, options, app)
    with open_context(data_dir, database_url) as context:
        app_id = context.apps.get(app).app_id
        rows = rejected_rows(context.reader, app_id, reasons)
        gate = _gate(context, app_id)
        replayed = tell(rows, gate) if dry_run else send(rows, gate, target, key, options)
    answer(as_json, replayed.document(), _in_words(replayed, dry_run=dry_run))
    if replayed.failure is not None:
        raise replayed.failure


def _reasons(given: list[str] | None) -> tuple[str, ...]:
    known = {each.value for each in Reason}
    for reason in given or ():
        if reason not in known:
            raise BadUsage(f"--reason {reason!r} is none of {', '.join(sorted(known))}")
    return tuple(given or sorted(each.value for each in MAY_PASS_LATER))


def _check_key(target: str, key: str, options: Options, app: str) -> None:
    if not key:
        raise BadUsage("No API key: give one of the app by --key or LVD_KEY; `lvd key create` makes one")
    try:
        metadata(key, "none")
    except ValueError as error:
        raise BadUsage(str(error)) from None
    check_app(target, key, options, app)


def _gate(context: Context, app_id: int) -> Gate:
    stored = context.plans.in_force(app_id)
    document = stored.document
    plan = NO_PLAN if document is None else compile_plan(plan_from_document(document), stored.version)
    limits = read_settings(IngestSettings).decode_limits
    return Gate(app_id, plan, limits, context.settings.limits, now_us)


def _in_words(replayed: Replayed, *, dry_run: bool) -> str:
    counts = replayed.counts
    verdicts = ", ".join(
        f"{getattr(counts, verdict):,} {verdict}"
        for verdict in ("valid", "invalid", "unplanned", "duplicate", "rejected")
    )
    sent = (
        f"{replayed.passed:,} would be sent"
        if dry_run
        else f"{replayed.passed:,} were sent, {counts.received:,} were answered: {verdicts}"
    )
    left = ", ".join(f"{count:,} {reason}" for reason, count in sorted(replayed.left.items()))
    rest = f" Left, as they would be rejected again: {left}." if left else ""
    return f"Of {replayed.read:,} rejected events {sent}.{rest}"
