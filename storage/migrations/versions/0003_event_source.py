"""Events by the program that sent them."""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_STATEMENT = """
CREATE TABLE event_source (
    app_id INTEGER NOT NULL,
    source_id INTEGER NOT NULL,
    name TEXT NOT NULL,
    count BIGINT NOT NULL,
    CONSTRAINT event_source_pkey PRIMARY KEY (app_id, source_id, name)
) WITH (fillfactor = 70)
"""


def upgrade() -> None:
    """Expands only. It is not filled from stored events: what older ones say of sources stays unknown."""
    op.execute(_STATEMENT)
