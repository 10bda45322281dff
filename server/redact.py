"""Take secrets out of what is logged for debugging."""

from __future__ import annotations

import re
from collections.abc import Mapping

HIDDEN = "[redacted]"
_SECRET_HEADERS = frozenset({"authorization", "cookie", "proxy-authorization", "x-api-key"})
# Keys as the providers shape them, bearer tokens, private key blocks, and
# whatever a JSON body or an environment listing calls a key, token or password.
_SECRETS = re.compile(
    r"""
      \b(?:sk|rk|pk|rg|gsk|xai|csk|fw)[-_][A-Za-z0-9_\-]{12,}
    | \bAIza[A-Za-z0-9_\-]{30,}
    | \bAKIA[A-Z0-9]{16}\b
    | \bgh[pousr]_[A-Za-z0-9]{20,}
    | \bxox[abprs]-[A-Za-z0-9\-]{10,}
    | \beyJ[A-Za-z0-9_\-]{10,}\.[A-Za-z0-9_\-]{10,}\.[A-Za-z0-9_\-]*
    | -----BEGIN[ ][A-Z ]*PRIVATE[ ]KEY-----.*?(?:-----END[ ][A-Z ]*PRIVATE[ ]KEY-----|\Z)
    | (?i:\bbearer\s+)[A-Za-z0-9._~+/\-]{8,}=*
    | (?i:(?<=key=)|(?<=token=)|(?<=secret=)|(?<=password=))[^\s"'\\&]{4,}
    """,
    re.VERBOSE | re.DOTALL,
)


def redact_text(text: str) -> str:
    """Return the text with everything that looks like a secret replaced."""
    return _SECRETS.sub(HIDDEN, text)


def redact_headers(headers: Mapping[str, str]) -> dict[str, str]:
    """Return the headers with credentials replaced."""
    return {
        name: HIDDEN if name in _SECRET_HEADERS else redact_text(value)
        for name, value in headers.items()
    }
