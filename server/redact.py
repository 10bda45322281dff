"""Take secrets out of what is logged for debugging."""

from __future__ import annotations

import re
from collections.abc import Mapping

HIDDEN = "[redacted]"
_SECRET_HEADER = re.compile("auth|cookie|key|secret|token")
# Keys as the providers shape them, bearer tokens, private key blocks, and
# whatever a JSON body or an environment listing calls a key, token or password.
# Each begins where no word is under way, so that a long text is read once.
_SECRETS = re.compile(
    r"""
      (?<![A-Za-z0-9])(?:
          (?:sk|rk|pk|rg|gsk|xai|csk|fw|hf|github_pat)[-_][A-Za-z0-9_\-]{12,}
        | AIza[A-Za-z0-9_\-]{30,}
        | AKIA[A-Z0-9]{16}
        | gh[pousr]_[A-Za-z0-9]{20,}
        | xox[abprs]-[A-Za-z0-9\-]{10,}
      )
    | (?<![A-Za-z0-9_\-])eyJ[A-Za-z0-9_\-]{10,}\.[A-Za-z0-9_\-]{10,}\.[A-Za-z0-9_\-]*
    | -----BEGIN[ ][A-Z ]*PRIVATE[ ]KEY-----.*?(?:-----END[ ][A-Z ]*PRIVATE[ ]KEY-----|\Z)
    | (?i:\bbearer\s+)[A-Za-z0-9._~+/\-]{8,}=*
    | (?P<name>
        (?i:api[_-]?key|token(?!s)|secret|passw(?:or)?d|(?<![A-Za-z0-9])key(?==))[A-Za-z0-9_\-]{0,24}
        \\*["']?\s{0,4}[:=]\s{0,4}
      )
      (?: (?P<quote>\\*["'])(?:(?!(?P=quote))(?:\\.|.))+ | [^\s"'\\,;&)}\]]{4,} )
    """,
    re.VERBOSE | re.DOTALL,
)


def redact_text(text: str) -> str:
    """Return the text with everything that looks like a secret replaced."""
    return _SECRETS.sub(_hide, text)


def redact_headers(headers: Mapping[str, str]) -> dict[str, str]:
    """Return the headers with credentials replaced."""
    return {
        name: HIDDEN if _SECRET_HEADER.search(name) else redact_text(value)
        for name, value in headers.items()
    }


def _hide(found: re.Match[str]) -> str:
    """Return what stands for a secret; the name that gave it away is kept."""
    return f"{found['name'] or ''}{found['quote'] or ''}{HIDDEN}"
