"""How long to wait, where a provider says so in its error's body and not in a header."""

from __future__ import annotations

import math
import re
from typing import Final

_DELAY: Final = re.compile(rb'"retryDelay"\s*:\s*"(\d+(?:\.\d+)?)s"')


def retry_after(body: bytes) -> str:
    """Return whole seconds for the header ``retry-after``; empty where none are named.

    Google's errors hold a ``google.rpc.RetryInfo`` with a ``retryDelay`` such as ``"36.2s"``.
    """
    found = _DELAY.search(body)
    return str(math.ceil(float(found[1]))) if found else ""
