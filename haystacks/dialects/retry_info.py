"""How long a provider asks to wait: in seconds, whichever way it says so."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

_DELAY: Final = re.compile(rb'"retryDelay"\s*:\s*"(\d+(?:\.\d+)?)s"')


def retry_after(headers: Mapping[str, str], body: bytes) -> str:
    """Return the value of the header ``retry-after``, a date as seconds; empty where none is told.

    Google's errors hold a ``google.rpc.RetryInfo`` with a ``retryDelay`` such as
    ``"36.2s"`` instead. Header names are lower-case.
    """
    if told := headers.get("retry-after"):
        date = _date(told)
        # A date is of the provider's clock, and so is what it calls now.
        now = _date(headers.get("date", "")) or datetime.now(UTC)
        return told if date is None else _whole((date - now).total_seconds())
    found = _DELAY.search(body)
    return _whole(float(found[1])) if found else ""


def _date(text: str) -> datetime | None:
    try:
        date = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    return date if date.tzinfo else date.replace(tzinfo=UTC)


def _whole(seconds: float) -> str:
    return str(max(0, math.ceil(seconds)))
