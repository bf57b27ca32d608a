"""Every minute of an app by verdict: a series of all events need not add up all names."""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_STATEMENT = """
ALTER TABLE app_minute
    ADD COLUMN valid BIGINT NOT NULL DEFAULT 0,
    ADD COLUMN invalid BIGINT NOT NULL DEFAULT 0,
    ADD COLUMN unplanned BIGINT NOT NULL DEFAULT 0,
    ADD COLUMN duplicate BIGINT NOT NULL DEFAULT 0,
    ADD COLUMN rejected BIGINT NOT NULL DEFAULT 0,
    ADD COLUMN id_conflict BIGINT NOT NULL DEFAULT 0
"""


def upgrade() -> None:
    """Expands only, without rewriting the table. Older minutes, and those in which an older server still
    writes, do not add up to `received`: readers then add up the names.
    """
    op.execute(_STATEMENT)
