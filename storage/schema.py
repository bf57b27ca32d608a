"""The tables, as SQLAlchemy Core metadata. Migrations create them; a test compares the two.

Every table that belongs to an app has `app_id` first in its key: queries name one app, and the tables can be
distributed by it. Times are `timestamptz` in UTC. Names of constraints and indexes are constants, since code
and query-plan tests refer to them.
"""

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    func,
    text,
)

from tracking_plan.verdict import Verdict

#: Longest name, event_id, subject and run_id, in bytes of UTF-8.
MAX_TEXT_BYTES = 256
#: Longest path of a field, in bytes of UTF-8.
MAX_PATH_BYTES = 512
#: Most event names that rollups keep apart per app; further ones count under OTHER.
MAX_NAMES_PER_APP = 5_000
#: Most paths that the catalog keeps apart per event name; further ones count under OTHER.
MAX_PATHS_PER_NAME = 2_000
#: Most planned values that are kept apart per event name, those of former plans included; further ones count
#: under OTHER. As many as one plan can have counted: see tracking_plan.planned_fields.
MAX_VALUES_PER_NAME = 5_000
#: Most sources kept apart per app; further ones count under a source whose fields are OTHER.
MAX_SOURCES_PER_APP = 5_000
#: Where rollups and the catalog count what is beyond their limits.
OTHER = "(other)"
#: Longest raw bytes kept of a rejected event.
MAX_RAW_BYTES = 64 * 1024

#: Rollup rows are updated once per write; the free space keeps these updates on their page (HOT).
_ROLLUP_FILL = {"fillfactor": 70}

metadata = MetaData()


def _time(name: str, *, nullable: bool = False) -> Column[object]:
    return Column(name, DateTime(timezone=True), nullable=nullable)


def _app_id() -> Column[int]:
    return Column("app_id", Integer, ForeignKey("app.app_id", ondelete="CASCADE"), nullable=False)


def _hot_app_id() -> Column[int]:
    """Of tables that every write touches: the ledger's row lock stands for the app, a foreign key is cost."""
    return Column("app_id", Integer, nullable=False)


app = Table(
    "app",
    metadata,
    Column("app_id", Integer, Identity(always=True), primary_key=True),
    Column("name", Text, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    UniqueConstraint("name", name="app_name_key"),
    CheckConstraint(f"octet_length(name) BETWEEN 1 AND {MAX_TEXT_BYTES}", name="app_name_length"),
)

api_key = Table(
    "api_key",
    metadata,
    Column("key_id", Integer, Identity(always=True), primary_key=True),
    _app_id(),
    #: The first characters of the key, which name it on screens and find it in O(1).
    Column("prefix", Text, nullable=False),
    Column("sha256", LargeBinary, nullable=False),
    Column("label", Text, nullable=False, server_default=""),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    _time("revoked_at", nullable=True),
    UniqueConstraint("prefix", name="api_key_prefix_key"),
    CheckConstraint("octet_length(sha256) = 32", name="api_key_sha256_length"),
)

plan_version = Table(
    "plan_version",
    metadata,
    _app_id(),
    Column("version", Integer, nullable=False),
    #: The plan in the native format.
    Column("document", JSON, nullable=False),
    Column("note", Text, nullable=False, server_default=""),
    Column("author", Text, nullable=False, server_default=""),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    PrimaryKeyConstraint("app_id", "version", name="plan_version_pkey"),
    CheckConstraint("version > 0", name="plan_version_positive"),
)

#: The epoch that begins now, in SQL: seconds since 2025, which fit the column until 2093. No two lives of an
#: app get the same one, be it put back from a backup, or made anew under a number that was given out before.
EPOCH_NOW = "extract(epoch FROM clock_timestamp() - timestamptz '2025-01-01 00:00:00Z')::int"

#: One row per app; its row lock makes one writer per app. See docs/design.md §4.
app_ledger = Table(
    "app_ledger",
    metadata,
    _app_id(),
    Column("epoch", Integer, nullable=False, server_default="1"),
    Column("version", BigInteger, nullable=False, server_default="0"),
    Column("first_seq", BigInteger, nullable=False, server_default="1"),
    Column("last_seq", BigInteger, nullable=False, server_default="0"),
    _time("last_received_at", nullable=True),
    #: 0: the app has no plan.
    Column("plan_version", Integer, nullable=False, server_default="0"),
    PrimaryKeyConstraint("app_id", name="app_ledger_pkey"),
    CheckConstraint("first_seq BETWEEN 1 AND last_seq + 1", name="app_ledger_seqs"),
    postgresql_with={"fillfactor": 50},
)

#: Turns time into seq and back. `received` is counted before judging, apart from the rollups, so that
#: received = valid + invalid + unplanned + duplicate + rejected can be checked in every minute.
app_minute = Table(
    "app_minute",
    metadata,
    _hot_app_id(),
    _time("minute"),
    #: Both NULL in a minute that stored no event.
    Column("first_seq", BigInteger),
    Column("last_seq", BigInteger),
    Column("received", BigInteger, nullable=False),
    #: By verdict; they add up to `received`, except in minutes in which a server of before 0004 wrote.
    *(Column(verdict.name.lower(), BigInteger, nullable=False, server_default="0") for verdict in Verdict),
    PrimaryKeyConstraint("app_id", "minute", name="app_minute_pkey"),
    # A minute's first seq is set once: other updates stay within their page (HOT) where it has room.
    Index("app_minute_by_seq", "app_id", "first_seq"),
    CheckConstraint("first_seq <= last_seq", name="app_minute_seqs"),
    postgresql_with=_ROLLUP_FILL,
)

source = Table(
    "source",
    metadata,
    _app_id(),
    Column("source_id", Integer, nullable=False),
    Column("sdk", Text, nullable=False),
    Column("app_version", Text, nullable=False),
    Column("platform", Text, nullable=False),
    Column("environment", Text, nullable=False),
    Column("first_seen_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    PrimaryKeyConstraint("app_id", "source_id", name="source_pkey"),
    UniqueConstraint("app_id", "sdk", "app_version", "platform", "environment", name="source_fields_key"),
)

EVENT_PKEY = "event_pkey"
EVENT_BY_NAME = "event_by_name"
EVENT_BY_SUBJECT = "event_by_subject"
EVENT_BY_RUN = "event_by_run"
EVENT_NOT_VALID = "event_not_valid"
EVENT_NOT_VALID_BY_NAME = "event_not_valid_by_name"
#: Suffix of each partition's own unique index on the identity.
EVENT_IDENTITY = "identity"

#: Partitioned by day (UTC) of received_at. Each partition has, apart from these indexes, its own unique one
#: on the identity (app_id, occurred_at, event_key), NULLS NOT DISTINCT: see storage/partitions.py.
event = Table(
    "event",
    metadata,
    # Fixed-width columns first, the wider ones before the narrower: no padding.
    Column("seq", BigInteger, nullable=False),
    _time("received_at"),
    _time("occurred_at", nullable=True),
    #: First 8 bytes of a SHA-256 over name, subject and canonical payload: tells an id conflict from a
    #: duplicate.
    Column("content_hash", BigInteger, nullable=False),
    Column("event_key", Uuid, nullable=False),
    Column("app_id", Integer, nullable=False),
    Column("source_id", Integer, nullable=False),
    Column("plan_version", Integer, nullable=False),
    #: A tracking_plan.verdict.Verdict: valid, invalid or unplanned.
    Column("status", SmallInteger, nullable=False),
    Column("name", Text, nullable=False),
    Column("event_id", Text),
    Column("subject", Text),
    Column("run_id", Text),
    #: A JSON array of {path, kind, expected, received, value}; NULL: none.
    Column("violations", JSON),
    Column("payload", JSON, nullable=False),
    PrimaryKeyConstraint("app_id", "seq", "received_at", name=EVENT_PKEY),
    CheckConstraint("status BETWEEN 0 AND 2", name="event_status"),
    Index(EVENT_BY_NAME, "app_id", "name", "seq"),
    Index(EVENT_BY_SUBJECT, "app_id", "subject", "seq", postgresql_where=text("subject IS NOT NULL")),
    Index(EVENT_BY_RUN, "app_id", "run_id", "seq", postgresql_where=text("run_id IS NOT NULL")),
    Index(EVENT_NOT_VALID, "app_id", "status", "seq", postgresql_where=text("status <> 0")),
    Index(EVENT_NOT_VALID_BY_NAME, "app_id", "name", "status", "seq", postgresql_where=text("status <> 0")),
    postgresql_partition_by="RANGE (received_at)",
)


def _rollup(name: str, bucket: str) -> Table:
    return Table(
        name,
        metadata,
        _hot_app_id(),
        _time(bucket),
        Column("name", Text, nullable=False),
        #: A tracking_plan.verdict.Verdict, id_conflict counted apart from rejected.
        Column("status", SmallInteger, nullable=False),
        Column("count", BigInteger, nullable=False),
        PrimaryKeyConstraint("app_id", bucket, "name", "status", name=f"{name}_pkey"),
        CheckConstraint("status BETWEEN 0 AND 5", name=f"{name}_status"),
        postgresql_with=_ROLLUP_FILL,
    )


#: Events by minute of arrival, event name and verdict. The name of an unreadable event is "".
rollup_minute = _rollup("rollup_minute", "minute")
#: The same by hour, for long ranges.
rollup_hour = _rollup("rollup_hour", "hour")

#: Events that break the plan, by hour of arrival and by how: each once for a name, path and kind; array
#: indices in paths fold to `*`. OTHER, for paths beyond the limit, adds up what is counted for each.
failing_field_hour = Table(
    "failing_field_hour",
    metadata,
    _hot_app_id(),
    _time("hour"),
    Column("name", Text, nullable=False),
    Column("path", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("count", BigInteger, nullable=False),
    PrimaryKeyConstraint("app_id", "hour", "name", "path", "kind", name="failing_field_hour_pkey"),
    postgresql_with=_ROLLUP_FILL,
)

#: The same of all time, by the program that sent them: which issue began when, and with which app version.
issue_source = Table(
    "issue_source",
    metadata,
    _hot_app_id(),
    Column("name", Text, nullable=False),
    #: JSON Pointer with array indices folded to `*`.
    Column("path", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("source_id", Integer, nullable=False),
    _time("first_seen_at"),
    _time("last_seen_at"),
    #: Of events that show it: the first and the last one received.
    Column("first_seq", BigInteger, nullable=False),
    Column("last_seq", BigInteger, nullable=False),
    Column("count", BigInteger, nullable=False),
    PrimaryKeyConstraint("app_id", "name", "path", "kind", "source_id", name="issue_source_pkey"),
    postgresql_with=_ROLLUP_FILL,
)

#: Stored events of all time by the program that sent them: how much of a version's events an issue hits.
event_source = Table(
    "event_source",
    metadata,
    _hot_app_id(),
    Column("source_id", Integer, nullable=False),
    Column("name", Text, nullable=False),
    Column("count", BigInteger, nullable=False),
    PrimaryKeyConstraint("app_id", "source_id", "name", name="event_source_pkey"),
    postgresql_with=_ROLLUP_FILL,
)

#: What a person said of an issue. Whether a resolved one is open again is not stored: it is, once it was
#: seen after `changed_at`.
issue_state = Table(
    "issue_state",
    metadata,
    _hot_app_id(),
    Column("name", Text, nullable=False),
    Column("path", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("reason", Text, nullable=False, server_default=""),
    Column("changed_by", Text, nullable=False, server_default=""),
    Column("changed_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    PrimaryKeyConstraint("app_id", "name", "path", "kind", name="issue_state_pkey"),
    CheckConstraint("state IN ('resolved', 'muted')", name="issue_state_known"),
)

#: Event names that rollups keep apart, at most MAX_NAMES_PER_APP of an app.
event_name = Table(
    "event_name",
    metadata,
    _hot_app_id(),
    Column("name", Text, nullable=False),
    _time("first_seen_at"),
    PrimaryKeyConstraint("app_id", "name", name="event_name_pkey"),
)

#: Which fields stored events had, of which JSON types.
catalog = Table(
    "catalog",
    metadata,
    _hot_app_id(),
    Column("name", Text, nullable=False),
    #: JSON Pointer with array indices folded to `*`.
    Column("path", Text, nullable=False),
    Column("json_type", Text, nullable=False),
    _time("first_seen_at"),
    _time("last_seen_at"),
    Column("count", BigInteger, nullable=False),
    PrimaryKeyConstraint("app_id", "name", "path", "json_type", name="catalog_pkey"),
    postgresql_with=_ROLLUP_FILL,
)

#: Which of the values that the plan lists for a field stored events had.
field_value = Table(
    "field_value",
    metadata,
    _hot_app_id(),
    Column("name", Text, nullable=False),
    #: JSON Pointer with array indices folded to `*`.
    Column("path", Text, nullable=False),
    #: As JSON: see tracking_plan.planned_fields.value_text. With the path OTHER: OTHER.
    Column("value", Text, nullable=False),
    _time("first_seen_at"),
    _time("last_seen_at"),
    Column("count", BigInteger, nullable=False),
    PrimaryKeyConstraint("app_id", "name", "path", "value", name="field_value_pkey"),
    postgresql_with=_ROLLUP_FILL,
)

REJECTED_BY_LAST_SEEN = "rejected_event_by_last_seen"

#: What could not be stored as an event; a retry of the same bytes on the same day adds to `count`.
rejected_event = Table(
    "rejected_event",
    metadata,
    _hot_app_id(),
    #: Day of arrival, UTC.
    Column("day", Date, nullable=False),
    #: Of the whole raw bytes, also where `raw` is cut.
    Column("sha256", LargeBinary, nullable=False),
    Column("reason", Text, nullable=False),
    Column("message", Text, nullable=False),
    #: The event's name as far as it could be read; "" otherwise.
    Column("name", Text, nullable=False),
    #: The protobuf Event message, cut at MAX_RAW_BYTES.
    Column("raw", LargeBinary, nullable=False),
    #: Length before cutting, in bytes.
    Column("raw_bytes", Integer, nullable=False),
    Column("source_id", Integer, nullable=False),
    Column("run_id", Text),
    _time("first_seen_at"),
    _time("last_seen_at"),
    Column("count", BigInteger, nullable=False),
    PrimaryKeyConstraint("app_id", "day", "sha256", "reason", name="rejected_event_pkey"),
    Index(REJECTED_BY_LAST_SEEN, "app_id", text("last_seen_at DESC"), "sha256", "reason"),
    postgresql_with=_ROLLUP_FILL,
)

#: What each ingest server says of itself every few seconds.
server_heartbeat = Table(
    "server_heartbeat",
    metadata,
    Column("server_id", Uuid, nullable=False),
    _time("started_at"),
    _time("seen_at"),
    Column("document", JSON, nullable=False),
    PrimaryKeyConstraint("server_id", name="server_heartbeat_pkey"),
)
