"""Issues: violations by the program that sent them, and what a person said of them."""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_STATEMENTS = (
    """
    CREATE TABLE issue_source (
        app_id INTEGER NOT NULL,
        name TEXT NOT NULL,
        path TEXT NOT NULL,
        kind TEXT NOT NULL,
        source_id INTEGER NOT NULL,
        first_seen_at TIMESTAMP WITH TIME ZONE NOT NULL,
        last_seen_at TIMESTAMP WITH TIME ZONE NOT NULL,
        first_seq BIGINT NOT NULL,
        last_seq BIGINT NOT NULL,
        count BIGINT NOT NULL,
        CONSTRAINT issue_source_pkey PRIMARY KEY (app_id, name, path, kind, source_id)
    ) WITH (fillfactor = 70)
    """,
    """
    CREATE TABLE issue_state (
        app_id INTEGER NOT NULL,
        name TEXT NOT NULL,
        path TEXT NOT NULL,
        kind TEXT NOT NULL,
        state TEXT NOT NULL,
        reason TEXT DEFAULT '' NOT NULL,
        changed_by TEXT DEFAULT '' NOT NULL,
        changed_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
        CONSTRAINT issue_state_pkey PRIMARY KEY (app_id, name, path, kind),
        CONSTRAINT issue_state_known CHECK (state IN ('resolved', 'muted'))
    )
    """,
)


def upgrade() -> None:
    """Expands only: an older server goes on writing beside it."""
    for statement in _STATEMENTS:
        op.execute(statement)
