"""A request that passes to a provider untouched, under our key instead of the client's."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Final, Literal
from urllib.parse import unquote

from haystacks.dialects.table import UPSTREAMS
from haystacks.http.call import Call, Upload
from haystacks.pool import DialectName, Haystack
from haystacks.request import forwarded
from haystacks.subscription import subscription

Vendor = Literal["anthropic", "openai"]

_DIALECTS: Final[Mapping[Vendor, DialectName]] = {
    "anthropic": "anthropic",
    "openai": "openai_chat",
}
# What belongs to one connection (RFC 9110, 7.6.1), or to our account with the provider;
# and the date, which whoever answers writes himself.
_KEPT_BACK: Final = frozenset(
    {
        "connection",
        "date",
        "keep-alive",
        "proxy-authenticate",
        "proxy-connection",
        "set-cookie",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    }
)
_REQUEST_IDS: Final = frozenset({"request-id", "x-request-id"})
# As the client has written them: of its body, and of the answer's.
_ENCODINGS: Final = ("content-type", "accept-encoding")
_TRICKS: Final = re.compile(r"[\\\x00-\x1f\x7f]|//|/\.{1,2}(?:[/;]|\Z)")
# Nobody who means well encodes what is encoded already.
_ENCODED_AT_MOST: Final = 3


def native(
    haystacks: Iterable[Haystack], vendor: Vendor, headers: Mapping[str, str]
) -> Haystack | None:
    """Return the first haystack that is the vendor itself and that can be used now.

    One of a subscription can where the client brings its token; lower-case header names.
    """
    for haystack in haystacks:
        mine = haystack.service == vendor and not haystack.inactive and not haystack.simulated
        if mine and (not haystack.passthrough or subscription(headers)):
            return haystack
    return None


def plain_path(path: str) -> str:
    """Return a path as everybody reads it, or "" if two readers might read it differently.

    Dots, doubled slashes and backslashes lead elsewhere, however often they are encoded.
    """
    for _ in range(_ENCODED_AT_MOST):
        path = unquote(path)
    odd = path != unquote(path) or _TRICKS.search(path)
    return "" if odd else path.rstrip("/")


def passed_call(
    haystack: Haystack,
    method: str,
    target: str,
    headers: Mapping[str, str],
    body: bytes | Upload,
) -> Call:
    """Return the call: the client's, under the haystack's first key.

    What was made with a key is found again with it, so keys take no turns. ``target`` is the
    path from ``/v1/`` on, with its query, as the client wrote it; ``plain_path`` has
    judged it. An answer may take as long as the haystack allows, and a stream never ends.
    """
    dialect = _DIALECTS["anthropic" if haystack.service == "anthropic" else "openai"]
    below = target if dialect == "anthropic" else target.removeprefix("/v1")
    key = haystack.keys[0] if haystack.keys else ""
    sent = {**UPSTREAMS[dialect].headers(key), **forwarded(headers)}
    sent |= {name: headers[name] for name in _ENCODINGS if name in headers}
    if haystack.passthrough:
        sent["authorization"] = subscription(headers)
    sent.update(haystack.headers)
    patience = haystack.timeouts
    return Call(
        haystack.location + below,
        sent,
        b"" if isinstance(body, Upload) else body,
        replace(patience, first_byte=patience.total, total=math.inf),
        method=method,
        upload=body if isinstance(body, Upload) else None,
        raw=True,
    )


def passed_back(headers: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Yield the headers of the answer that are the client's."""
    for name, value in headers.items():
        if name in _REQUEST_IDS:
            yield "x-rolegraph-upstream-request-id", value
        elif name not in _KEPT_BACK and not name.startswith("x-rolegraph-"):
            yield name, value
