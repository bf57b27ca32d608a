"""The first schema, written out: later changes of storage.schema must not alter history."""

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_STATEMENTS = (
    """
    CREATE TABLE app (
        app_id INTEGER GENERATED ALWAYS AS IDENTITY,
        name TEXT NOT NULL,
        created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
        PRIMARY KEY (app_id),
        CONSTRAINT app_name_key UNIQUE (name),
        CONSTRAINT app_name_length CHECK (octet_length(name) BETWEEN 1 AND 256)
    )
    """,
    """
    CREATE TABLE app_minute (
        app_id INTEGER NOT NULL,
        minute TIMESTAMP WITH TIME ZONE NOT NULL,
        first_seq BIGINT,
        last_seq BIGINT,
        received BIGINT NOT NULL,
        CONSTRAINT app_minute_pkey PRIMARY KEY (app_id, minute),
        CONSTRAINT app_minute_seqs CHECK (first_seq <= last_seq)
    ) WITH (fillfactor = 70)
    """,
    """
    CREATE TABLE catalog (
        app_id INTEGER NOT NULL,
        name TEXT NOT NULL,
        path TEXT NOT NULL,
        json_type TEXT NOT NULL,
        first_seen_at TIMESTAMP WITH TIME ZONE NOT NULL,
        last_seen_at TIMESTAMP WITH TIME ZONE NOT NULL,
        count BIGINT NOT NULL,
        CONSTRAINT catalog_pkey PRIMARY KEY (app_id, name, path, json_type)
    ) WITH (fillfactor = 70)
    """,
    """
    CREATE TABLE event (
        seq BIGINT NOT NULL,
        received_at TIMESTAMP WITH TIME ZONE NOT NULL,
        occurred_at TIMESTAMP WITH TIME ZONE,
        content_hash BIGINT NOT NULL,
        event_key UUID NOT NULL,
        app_id INTEGER NOT NULL,
        source_id INTEGER NOT NULL,
        plan_version INTEGER NOT NULL,
        status SMALLINT NOT NULL,
        name TEXT NOT NULL,
        event_id TEXT,
        subject TEXT,
        run_id TEXT,
        violations JSON,
        payload JSON NOT NULL,
        CONSTRAINT event_pkey PRIMARY KEY (app_id, seq, received_at),
        CONSTRAINT event_status CHECK (status BETWEEN 0 AND 2)
    ) PARTITION BY RANGE (received_at)
    """,
    """
    CREATE INDEX event_by_name ON event (app_id, name, seq)
    """,
    """
    CREATE INDEX event_by_run ON event (app_id, run_id, seq) WHERE run_id IS NOT NULL
    """,
    """
    CREATE INDEX event_by_subject ON event (app_id, subject, seq) WHERE subject IS NOT NULL
    """,
    """
    CREATE INDEX event_not_valid ON event (app_id, status, seq) WHERE status <> 0
    """,
    """
    CREATE INDEX event_not_valid_by_name ON event (app_id, name, status, seq) WHERE status <> 0
    """,
    """
    CREATE TABLE event_name (
        app_id INTEGER NOT NULL,
        name TEXT NOT NULL,
        first_seen_at TIMESTAMP WITH TIME ZONE NOT NULL,
        CONSTRAINT event_name_pkey PRIMARY KEY (app_id, name)
    )
    """,
    """
    CREATE TABLE failing_field_hour (
        app_id INTEGER NOT NULL,
        hour TIMESTAMP WITH TIME ZONE NOT NULL,
        name TEXT NOT NULL,
        path TEXT NOT NULL,
        kind TEXT NOT NULL,
        count BIGINT NOT NULL,
        CONSTRAINT failing_field_hour_pkey PRIMARY KEY (app_id, hour, name, path, kind)
    ) WITH (fillfactor = 70)
    """,
    """
    CREATE TABLE rejected_event (
        app_id INTEGER NOT NULL,
        day DATE NOT NULL,
        sha256 BYTEA NOT NULL,
        reason TEXT NOT NULL,
        message TEXT NOT NULL,
        name TEXT NOT NULL,
        raw BYTEA NOT NULL,
        raw_bytes INTEGER NOT NULL,
        source_id INTEGER NOT NULL,
        run_id TEXT,
        first_seen_at TIMESTAMP WITH TIME ZONE NOT NULL,
        last_seen_at TIMESTAMP WITH TIME ZONE NOT NULL,
        count BIGINT NOT NULL,
        CONSTRAINT rejected_event_pkey PRIMARY KEY (app_id, day, sha256, reason)
    ) WITH (fillfactor = 70)
    """,
    """
    CREATE INDEX rejected_event_by_last_seen ON rejected_event (app_id, last_seen_at DESC, sha256, reason)
    """,
    """
    CREATE TABLE rollup_hour (
        app_id INTEGER NOT NULL,
        hour TIMESTAMP WITH TIME ZONE NOT NULL,
        name TEXT NOT NULL,
        status SMALLINT NOT NULL,
        count BIGINT NOT NULL,
        CONSTRAINT rollup_hour_pkey PRIMARY KEY (app_id, hour, name, status),
        CONSTRAINT rollup_hour_status CHECK (status BETWEEN 0 AND 5)
    ) WITH (fillfactor = 70)
    """,
    """
    CREATE TABLE rollup_minute (
        app_id INTEGER NOT NULL,
        minute TIMESTAMP WITH TIME ZONE NOT NULL,
        name TEXT NOT NULL,
        status SMALLINT NOT NULL,
        count BIGINT NOT NULL,
        CONSTRAINT rollup_minute_pkey PRIMARY KEY (app_id, minute, name, status),
        CONSTRAINT rollup_minute_status CHECK (status BETWEEN 0 AND 5)
    ) WITH (fillfactor = 70)
    """,
    """
    CREATE TABLE server_heartbeat (
        server_id UUID NOT NULL,
        started_at TIMESTAMP WITH TIME ZONE NOT NULL,
        seen_at TIMESTAMP WITH TIME ZONE NOT NULL,
        document JSON NOT NULL,
        CONSTRAINT server_heartbeat_pkey PRIMARY KEY (server_id)
    )
    """,
    """
    CREATE TABLE api_key (
        key_id INTEGER GENERATED ALWAYS AS IDENTITY,
        app_id INTEGER NOT NULL,
        prefix TEXT NOT NULL,
        sha256 BYTEA NOT NULL,
        label TEXT DEFAULT '' NOT NULL,
        created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
        revoked_at TIMESTAMP WITH TIME ZONE,
        PRIMARY KEY (key_id),
        CONSTRAINT api_key_prefix_key UNIQUE (prefix),
        CONSTRAINT api_key_sha256_length CHECK (octet_length(sha256) = 32),
        FOREIGN KEY(app_id) REFERENCES app (app_id) ON DELETE CASCADE
    )
    """,
    """
    CREATE TABLE app_ledger (
        app_id INTEGER NOT NULL,
        epoch INTEGER DEFAULT '1' NOT NULL,
        version BIGINT DEFAULT '0' NOT NULL,
        first_seq BIGINT DEFAULT '1' NOT NULL,
        last_seq BIGINT DEFAULT '0' NOT NULL,
        last_received_at TIMESTAMP WITH TIME ZONE,
        plan_version INTEGER DEFAULT '0' NOT NULL,
        CONSTRAINT app_ledger_pkey PRIMARY KEY (app_id),
        CONSTRAINT app_ledger_seqs CHECK (first_seq BETWEEN 1 AND last_seq + 1),
        FOREIGN KEY(app_id) REFERENCES app (app_id) ON DELETE CASCADE
    ) WITH (fillfactor = 50)
    """,
    """
    CREATE TABLE plan_version (
        app_id INTEGER NOT NULL,
        version INTEGER NOT NULL,
        document JSON NOT NULL,
        note TEXT DEFAULT '' NOT NULL,
        author TEXT DEFAULT '' NOT NULL,
        created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
        CONSTRAINT plan_version_pkey PRIMARY KEY (app_id, version),
        CONSTRAINT plan_version_positive CHECK (version > 0),
        FOREIGN KEY(app_id) REFERENCES app (app_id) ON DELETE CASCADE
    )
    """,
    """
    CREATE TABLE source (
        app_id INTEGER NOT NULL,
        source_id INTEGER NOT NULL,
        sdk TEXT NOT NULL,
        app_version TEXT NOT NULL,
        platform TEXT NOT NULL,
        environment TEXT NOT NULL,
        first_seen_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
        CONSTRAINT source_pkey PRIMARY KEY (app_id, source_id),
        CONSTRAINT source_fields_key UNIQUE (app_id, sdk, app_version, platform, environment),
        FOREIGN KEY(app_id) REFERENCES app (app_id) ON DELETE CASCADE
    )
    """,
)


def upgrade() -> None:
    """Makes every table; partitions of `event` are made by storage.partitions."""
    for statement in _STATEMENTS:
        op.execute(statement)
