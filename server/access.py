"""Who may ask: the client's key, and the guard of a server that asks for none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from urllib.parse import urlsplit

from haystacks.errors import Unauthorized
from server.keys import ClientKey, find_key
from server.settings import is_loopback


def admit(
    headers: Mapping[str, str],
    keys: Sequence[ClientKey],
    *,
    required: bool,
    loopback: bool,
    now: float,
) -> ClientKey | None:
    """Return the client's key, or ``None`` where none is needed and none is known.

    Clients send keys as ``x-api-key``, as a bearer token, or both. Raises
    ``Unauthorized``, also for a key that has expired at ``now``, in Unix time. A server
    on loopback that asks for no key can be reached by every web page in the user's
    browser too: such requests are refused.
    """
    shown = _shown(headers)
    for each in shown if keys else ():
        if key := find_key(each, keys):
            if key.expires and key.expired(now):
                raise Unauthorized(f'the key "{key.name}" has expired: {key.expires.isoformat()}')
            return key
    if required and shown:
        raise Unauthorized("this server does not know the key that was sent")
    if required:
        raise Unauthorized("this server needs a key: send it as x-api-key or as a bearer token")
    if loopback:
        _refuse_web_pages(headers)
    return None


def _shown(headers: Mapping[str, str]) -> list[str]:
    shown = []
    if key := headers.get("x-api-key"):
        shown.append(key)
    scheme, _, token = headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer" and token:
        shown.append(token.strip())
    return shown


def _refuse_web_pages(headers: Mapping[str, str]) -> None:
    """Refuse foreign origins (cross-site requests) and foreign hosts (DNS rebinding)."""
    origin = headers.get("origin", "")
    if origin and not is_loopback(_host_name(origin)):
        raise Unauthorized(f"requests from the web page {origin} are not accepted without a key")
    host = headers.get("host", "")
    if host and not is_loopback(_host_name(f"//{host}")):
        raise Unauthorized(f"requests for the host {host} are not accepted without a key")


@lru_cache(maxsize=64)  # of almost all requests it is the same one
def _host_name(url: str) -> str:
    """Return the host of a URL; of what is no URL, nothing, which is foreign."""
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""
