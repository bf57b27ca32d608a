"""How often open pages ask."""

from dashboard.services import Services

#: Pages whose body the server words as a whole ask more rarely than those that follow events. In seconds.
_SLOWEST_NEED = 2.0


def report_tick_ms(services: Services) -> int:
    """Milliseconds between two questions of a page whose body the server words as a whole."""
    return round(max(services.settings.tick_seconds, _SLOWEST_NEED) * 1000)
