"""Whose API a request means."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from haystacks.passthrough import Vendor
from haystacks.pool import DialectName

# The dialect in which a vendor's clients read errors.
READ_AS: Final[Mapping[Vendor, DialectName]] = {
    "anthropic": "anthropic",
    "openai": "openai_chat",
}

# Anthropic's clients always name a version; people with curl forget it.
_MARKS: Final = ("anthropic-version", "anthropic-beta", "x-api-key")
_ANTHROPIC: Final = frozenset(
    {
        "agents",
        "complete",
        "deployment_runs",
        "deployments",
        "dreams",
        "environments",
        "experimental",
        "memory_stores",
        "messages",
        "organizations",
        "sessions",
        "tunnels",
        "user_profiles",
        "vaults",
    }
)


def vendor_of(path: str, headers: Mapping[str, str]) -> Vendor:
    """Return the vendor by the headers, or by the first name below ``/v1/``; else it is OpenAI.

    Both have skills and files: there only the headers tell. Their names are lower-case.
    """
    if any(mark in headers for mark in _MARKS):
        return "anthropic"
    first = path.removeprefix("/v1/").partition("/")[0]
    return "anthropic" if first in _ANTHROPIC else "openai"
