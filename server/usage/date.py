"""A date, or a span of time, as a person names it."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Final

_AGO: Final = re.compile(r"(\d{1,6})([mhd])")
_SECONDS: Final = {"m": 60, "h": 3600, "d": 86_400}
# In a URL a plus that nobody encoded is read as a space.
_ZONE: Final = re.compile(r"(T.*) (\d\d:?\d\d)")


def moment_of(text: str, now: float, *, ahead: bool = False) -> float:
    """Return the Unix time of ``7d``, ``12h``, ``30m`` ago, or of an ISO date or time, in UTC.

    ``ahead``: a span is one from now on. Raises ``ValueError``.
    """
    if found := _AGO.fullmatch(text):
        span = int(found[1]) * _SECONDS[found[2]]
        return now + span if ahead else now - span
    try:
        moment = datetime.fromisoformat(_ZONE.sub(r"\1+\2", text))
        # A zone may move the first day and the last one out of the calendar.
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC).timestamp()
    except (ValueError, OverflowError):
        raise ValueError(f'"{text}" is no date like 2027-01-31, and no span like 30d') from None


def span_of(since: str, until: str, now: float) -> tuple[float, float]:
    """Return two moments as a person names them; no end means now, which is counted too.

    Raises ``ValueError``, also where the second is not after the first: nothing lies between.
    """
    begin, end = moment_of(since, now), moment_of(until, now) if until else now + 1
    if begin >= end:
        raise ValueError(f"{shown(begin)} is not before {shown(end)}: nothing lies between")
    return begin, end


def shown(moment: float) -> str:
    """Return a Unix time as ISO 8601 in UTC."""
    return datetime.fromtimestamp(moment, UTC).isoformat().replace("+00:00", "Z")
