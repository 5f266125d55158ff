"""Ages as kubectl shows them: 45s, 3m12s, 5h, 2d3h, 400d."""

from datetime import datetime

from harness.simulator.kube_api.objects import parse_time


def since(start: str | None, now: datetime) -> str:
    """Return the time between a timestamp and now; `<unknown>` without one."""
    if not start:
        return "<unknown>"
    return human((now - parse_time(start)).total_seconds())


def human(seconds: float) -> str:
    """Return a duration in the two units that matter (`duration.HumanDuration`)."""
    whole = int(seconds)
    if whole < 0:
        return "0s" if whole >= -1 else "<invalid>"
    minutes, hours, days = whole // 60, whole // 3600, whole // 86400
    if whole < 120:
        return f"{whole}s"
    if minutes < 10:
        return _pair(minutes, "m", whole % 60, "s")
    if minutes < 180:
        return f"{minutes}m"
    if hours < 8:
        return _pair(hours, "h", minutes % 60, "m")
    if hours < 48:
        return f"{hours}h"
    if hours < 24 * 8:
        return _pair(days, "d", hours % 24, "h")
    if hours < 24 * 365 * 2:
        return f"{days}d"
    years = days // 365
    return _pair(years, "y", days % 365, "d") if years < 8 else f"{years}y"


def _pair(large: int, unit: str, small: int, small_unit: str) -> str:
    return f"{large}{unit}{small}{small_unit}" if small else f"{large}{unit}"
