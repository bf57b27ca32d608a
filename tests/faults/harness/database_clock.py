"""Sets the clock of one database: functions that tell the time are looked up in a schema of ours first."""

from datetime import timedelta

from sqlalchemy import Engine, text

_TELLERS = ("clock_timestamp", "now", "statement_timestamp", "transaction_timestamp")


class DatabaseClock:
    """For sessions that begin after it was made."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._run(
            "CREATE SCHEMA clock",
            "CREATE TABLE clock.ahead (by interval NOT NULL)",
            "INSERT INTO clock.ahead VALUES ('0')",
            *(
                f"CREATE FUNCTION clock.{teller}() RETURNS timestamptz VOLATILE LANGUAGE sql AS "
                f"'SELECT pg_catalog.{teller}() + by FROM clock.ahead'"
                for teller in _TELLERS
            ),
            "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET search_path = clock, pg_catalog, public', "
            "current_database()); END $$",
        )
        engine.dispose()

    def jump(self, by: timedelta) -> None:
        """From the true time."""
        self._run(f"UPDATE clock.ahead SET by = '{by.total_seconds()} s'")

    def _run(self, *statements: str) -> None:
        with self._engine.begin() as conn:
            for statement in statements:
                conn.execute(text(statement))
