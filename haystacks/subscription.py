"""A Claude subscription's own token, which a client may bring along."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

# Only what Anthropic itself has issued for a subscription: a client's key for
# this server, or for another provider, is sent to nobody.
_TOKEN: Final = re.compile(r"Bearer +sk-ant-oat\S+", re.IGNORECASE)


def subscription(headers: Mapping[str, str]) -> str:
    """Return the ``authorization`` that brings a subscription's token; empty where there is none.

    Header names are lower-case.
    """
    shown = headers.get("authorization", "")
    return shown if _TOKEN.fullmatch(shown) else ""
