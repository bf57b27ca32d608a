"""The state of the whole system, from what the servers said last and what the store takes up; pure."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from zoneinfo import ZoneInfo

from dashboard import formats
from dashboard.view_models import words
from dashboard.visible_text import cell
from storage.heartbeats import Heartbeat
from storage.model import Source
from storage.readers import AppInfo, StoredSizes

#: A server is silent after three missed heartbeats.
SILENT_AFTER = timedelta(seconds=15)
#: Most rows of each table.
MAX_ROWS = 50


@dataclass(frozen=True, slots=True)
class Figure:
    """A number with its name and a line that gives it meaning."""

    label: str
    value: str
    note: str


@dataclass(frozen=True, slots=True)
class ServerRow:
    """One ingest server."""

    address: str
    silent: bool
    state: str
    rate: str
    commit: str
    queue: str
    calls: str
    running_for: str


@dataclass(frozen=True, slots=True)
class SystemModel:
    """Everything that the page System says."""

    #: What somebody should do something about; empty: nothing.
    alarms: tuple[str, ...]
    figures: tuple[Figure, ...]
    servers: tuple[ServerRow, ...]
    #: App, program, events per second.
    producers: tuple[tuple[str, str, str], ...]
    #: App, version in force, what the servers judge by.
    plans: tuple[tuple[str, str, str], ...]
    #: Day, rows, size.
    partitions: tuple[tuple[str, str, str], ...]
    partitions_note: str


def system_model(
    beats: Sequence[Heartbeat], sizes: StoredSizes, apps: Sequence[AppInfo], zone: ZoneInfo
) -> SystemModel:
    """The state in words. Producers and plans of other apps than these are left out."""
    known = _not_replaced(beats)
    running = [beat for beat in known if not _is_silent(beat)]
    names = {app.app_id: cell(app.name) for app in apps}
    return SystemModel(
        alarms=tuple(_alarms(known, running, zone)),
        figures=_figures(running, sizes),
        servers=tuple(_server(beat, zone) for beat in known[:MAX_ROWS]),
        producers=_producers(running, names),
        plans=tuple(_plan(app, running) for app in apps[:MAX_ROWS]),
        partitions=_partitions(sizes),
        partitions_note=_partitions_note(sizes),
    )


def _is_silent(beat: Heartbeat) -> bool:
    return beat.now - beat.seen_at > SILENT_AFTER


def _not_replaced(beats: Sequence[Heartbeat]) -> list[Heartbeat]:
    """Without silent servers whose address another one has taken since; running ones first."""
    latest = {beat.document.get("address"): beat for beat in sorted(beats, key=lambda beat: beat.started_at)}
    kept = [b for b in beats if not _is_silent(b) or latest[b.document.get("address")] is b]
    return sorted(kept, key=lambda beat: (_is_silent(beat), str(beat.document.get("address"))))


def _alarms(known: Sequence[Heartbeat], running: Sequence[Heartbeat], zone: ZoneInfo) -> Iterator[str]:
    if not running:
        yield "No ingest server is running: producers cannot send. Start one with `lvd ingest` (or `lvd up`)."
    for beat in known[:MAX_ROWS]:
        if _is_silent(beat):
            yield (
                f"The server at {_address(beat)} has been silent since {formats.clock(beat.seen_at, zone)}:"
                " it was stopped, or cannot reach the database. Look at its log; if it is gone for good,"
                " this line goes within a day."
            )


def _figures(running: Sequence[Heartbeat], sizes: StoredSizes) -> tuple[Figure, ...]:
    verdicts: Counter[str] = Counter()
    for beat in running:
        verdicts.update(beat.document.get("verdicts", {}))
    received = sum(verdicts.values())
    rejected = verdicts["rejected"] + verdicts["id_conflict"]
    slowest = max((beat.document.get("commit_ms", {}).get("p99", 0.0) for beat in running), default=None)
    return (
        Figure("Events per second", _rate(_sum(running, "events_per_second"), running), _servers(running)),
        Figure("Commit (p99)", _ms(slowest), "slowest 1 % of commits"),
        Figure("Queued events", _if_any(_sum(running, "queued_events"), running), "waiting for a commit"),
        Figure(
            "Duplicates", formats.percent(verdicts["duplicate"], received), _just_now(verdicts["duplicate"])
        ),
        Figure("Rejected", formats.percent(rejected, received), _just_now(rejected)),
        Figure("Database", formats.size(sizes.database), "all tables and indexes"),
        Figure("Retention", _retention(running), "by whole days"),
    )


def _sum(running: Sequence[Heartbeat], key: str) -> float:
    return float(sum(beat.document.get(key, 0) for beat in running))


def _rate(per_second: float, running: Sequence[Heartbeat]) -> str:
    return formats.rate(per_second) if running else formats.NONE


def _if_any(count: float, running: Sequence[Heartbeat]) -> str:
    return formats.number(int(count)) if running else formats.NONE


def _servers(running: Sequence[Heartbeat]) -> str:
    return f"{formats.counted(len(running), 'server')} running"


def _just_now(count: int) -> str:
    return f"{formats.number(count)} in the last heartbeat"


def _ms(count: float | None) -> str:
    """NONE also for 0: nothing was committed."""
    return formats.milliseconds(count) if count else formats.NONE


def _retention(running: Sequence[Heartbeat]) -> str:
    told = sorted({days for beat in running if (days := beat.document.get("retention_days")) is not None})
    return " / ".join(f"{days} d" for days in told) or formats.NONE


def _address(beat: Heartbeat) -> str:
    return cell(str(beat.document.get("address", "unknown address")))


def _server(beat: Heartbeat, zone: ZoneInfo) -> ServerRow:
    said, silent = beat.document, _is_silent(beat)
    commit = said.get("commit_ms", {})
    return ServerRow(
        address=_address(beat),
        silent=silent,
        state=f"silent since {formats.clock(beat.seen_at, zone)}" if silent else "running",
        rate=formats.NONE if silent else formats.rate(said.get("events_per_second", 0)),
        commit=formats.NONE if silent else f"{_ms(commit.get('p50'))} · {_ms(commit.get('p99'))}",
        queue=formats.NONE if silent else formats.number(said.get("queued_events", 0)),
        calls=formats.NONE if silent else formats.number(said.get("open_calls", 0)),
        running_for=formats.duration((beat.seen_at - beat.started_at).total_seconds()),
    )


def _producers(running: Sequence[Heartbeat], names: Mapping[int, str]) -> tuple[tuple[str, str, str], ...]:
    """Fastest first; the same program at several servers is one."""
    rates: Counter[tuple[int, Source]] = Counter()
    for beat in running:
        for made in beat.document.get("producers", []):
            key = made["app_id"], _source(made)
            rates[key] += made["events"] / max(beat.document.get("seconds", 1.0), 1e-3)
    rows = [(key, rate) for key, rate in rates.most_common() if key[0] in names]
    return tuple(
        (names[app_id], words.source(source), formats.rate(rate))
        for (app_id, source), rate in rows[:MAX_ROWS]
    )


def _source(made: Mapping[str, str]) -> Source:
    return Source(made["sdk"], made["app_version"], made["platform"], made["environment"])


def _plan(app: AppInfo, running: Sequence[Heartbeat]) -> tuple[str, str, str]:
    in_force = app.ledger.plan_version
    held = {beat.document.get("plan_versions", {}).get(str(app.app_id)) for beat in running} - {None}
    others = sorted(version for version in held if version != in_force)
    if others:
        told = f"a server still judges by {', '.join(map(_version, others))}: it changes with the next events"
    else:
        told = "all servers" if held else "none yet: it sent no events"
    return cell(app.name), _version(in_force), told


def _version(version: int) -> str:
    return f"version {version}" if version else "no plan"


def _partitions(sizes: StoredSizes) -> tuple[tuple[str, str, str], ...]:
    past = [each for each in sizes.partitions if each.partition.day <= sizes.today]
    return tuple(
        (
            each.partition.day.isoformat(),
            formats.NONE if each.rows is None else f"≈ {formats.number(each.rows)}",
            formats.size(each.size),
        )
        for each in past[:MAX_ROWS]
    )


def _partitions_note(sizes: StoredSizes) -> str:
    ahead = sum(1 for each in sizes.partitions if each.partition.day > sizes.today)
    past = len(sizes.partitions) - ahead
    total = formats.size(sum(each.size for each in sizes.partitions))
    more = f" The newest {MAX_ROWS} of {past} are listed." if past > MAX_ROWS else ""
    days = "day" if ahead == 1 else "days"
    return (
        f"Events by day of arrival (UTC), {total} with indexes; rows are estimated (— not counted yet)."
        f" {ahead} {days} made ahead.{more}"
    )
