"""Where a haystack is: the base URL that a person wrote, and what is wrong with it."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

from haystacks.pool import DialectName


def base_url(location: str, dialect: DialectName) -> str:
    """Return the base URL, also of the whole endpoint that people paste from a manual."""
    location = location.rstrip("/")
    if dialect == "anthropic":
        return location.removesuffix("/messages").removesuffix("/v1")
    if dialect == "gemini":
        return location.partition("/models")[0].removesuffix("/openai")
    if dialect == "ollama":  # its OpenAI-compatible endpoint is known better
        location = location.removesuffix("/chat/completions").removesuffix("/v1")
        return location.removesuffix("/chat").removesuffix("/api")
    return location.removesuffix("/chat/completions")


def check_url(location: str) -> tuple[str, str]:
    """Return what is wrong with a base URL, and its host; the URL may hold a secret."""
    try:
        url = urlsplit(location)
        host, _ = url.hostname or "", url.port
    except ValueError:
        return "should be a URL", ""
    if url.scheme not in {"http", "https"} or not host or any(c.isspace() for c in location):
        return "should be an http or https URL", ""
    if url.username or url.password or url.query or url.fragment:
        return "should hold no user, query or fragment; a key goes into api_key:", ""
    return "", host


def is_loopback(host: str) -> bool:
    """Tell whether a host is this machine."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
