"""For whom, of which app and over which bars of time something is worded."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from dashboard.time_ranges import History


@dataclass(frozen=True, slots=True)
class Setting:
    """What the words of the page Issues depend on beside its data."""

    #: The app's name.
    app: str
    history: History
    now: datetime
    #: The viewer's.
    zone: ZoneInfo
