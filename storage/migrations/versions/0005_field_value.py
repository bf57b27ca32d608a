"""Planned values of fields: which of them came."""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_STATEMENT = """
CREATE TABLE field_value (
    app_id INTEGER NOT NULL,
    name TEXT NOT NULL,
    path TEXT NOT NULL,
    value TEXT NOT NULL,
    first_seen_at TIMESTAMP WITH TIME ZONE NOT NULL,
    last_seen_at TIMESTAMP WITH TIME ZONE NOT NULL,
    count BIGINT NOT NULL,
    CONSTRAINT field_value_pkey PRIMARY KEY (app_id, name, path, value)
) WITH (fillfactor = 70)
"""


def upgrade() -> None:
    """Expands only. It is not filled from stored events: values count from here on."""
    op.execute(_STATEMENT)
