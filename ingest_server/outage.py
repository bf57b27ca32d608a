"""Whether the database takes writes, and when to try again if not."""

from collections.abc import Callable
from threading import Event, Lock

import structlog
from tenacity import Retrying, retry_if_result, stop_when_event_set, wait_random_exponential
from tenacity.nap import sleep_using_event

from storage.errors import Unavailable

#: Jittered waits between probes grow up to this, in seconds: a database that returns is used soon.
_MAX_WAIT = 2.0
_FIRST_WAIT = 0.1

_log = structlog.get_logger(__name__)


class Outage:
    """Closes the intake while the database is away, or takes no writes.

    One failed transaction may be bad luck, like a connection that was cut: the database is asked at once, and
    if it answers, all goes on. Failures in a row close the intake even though it answers.
    """

    def __init__(self, probe: Callable[[], None], on_change: Callable[[bool], None]) -> None:
        """`probe` returns if the database takes writes; whatever it raises means that it does not."""
        self._probe = probe
        self._on_change = on_change
        self._lock = Lock()
        self._stopping = Event()
        self._in_a_row = 0
        self.available = True
        #: All failures so far: when it rises, connections that were open before are probably dead.
        self.failures = 0

    def succeeded(self) -> None:
        """A transaction was committed."""
        self._in_a_row = 0

    def failed(self, refuse: Callable[[], None]) -> None:
        """A transaction was refused: returns when another may be tried.

        While one thread waits here, others return at once. Calls `refuse` once the intake is closed.
        """
        self.failures += 1
        if not self._lock.acquire(blocking=False):
            return
        try:
            self._in_a_row += 1
            if self._in_a_row > 1 or not self._answers():
                self._sit_out(refuse)
        finally:
            self._lock.release()

    def close(self) -> None:
        """The database is away: nothing is taken until `wait_for_return`."""
        self._change(available=False)

    def wait_for_return(self) -> None:
        """Returns, and opens the intake, when the database answers; or when stopped."""
        with self._lock:
            if self._probe_until_it_answers():
                self._change(available=True)

    def stop(self) -> None:
        """Ends all waits."""
        self._stopping.set()

    def _answers(self) -> bool:
        try:
            self._probe()
        except Exception as error:  # noqa: BLE001 - a table that is missing while a backup is put back, too
            if not isinstance(error, Unavailable):
                _log.warning("database_probe_failed", exc_info=error)
            return False
        return True

    def _sit_out(self, refuse: Callable[[], None]) -> None:
        self._change(available=False)
        refuse()
        self._stopping.wait(min(_MAX_WAIT, _FIRST_WAIT * 2.0 ** min(self._in_a_row, 10)))
        if self._probe_until_it_answers():
            self._change(available=True)

    def _probe_until_it_answers(self) -> bool:
        attempts = Retrying(
            retry=retry_if_result(lambda answers: not answers),
            wait=wait_random_exponential(multiplier=_FIRST_WAIT, max=_MAX_WAIT),
            stop=stop_when_event_set(self._stopping),
            sleep=sleep_using_event(self._stopping),
            retry_error_callback=lambda _: False,
        )
        answered: bool = attempts(self._answers)
        return answered

    def _change(self, *, available: bool) -> None:
        _log.warning("database_returned" if available else "database_away", failures=self._in_a_row)
        self.available = available
        self._on_change(available)
