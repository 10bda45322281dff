"""A client's request on its way out, and how it is written for one candidate."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256

import orjson

from haystacks.call import Call
from haystacks.dialect import Adaptation, ClientDialect, Json, TokenEstimate
from haystacks.dialects.table import UPSTREAMS
from haystacks.errors import BadRequest
from haystacks.native import native_body
from haystacks.pool import Candidate
from haystacks.session import session_of
from haystacks.subscription import subscription

# What must not travel on: it belongs to this connection, to this proxy, or to
# the client's own account with somebody.
_KEPT_BACK = frozenset(
    {
        "accept-encoding",
        "authorization",
        "connection",
        "content-length",
        "content-type",
        "cookie",
        "expect",
        "forwarded",
        "host",
        "keep-alive",
        "openai-organization",
        "openai-project",
        "proxy-authorization",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
        "via",
        "x-api-key",
    }
)
_KEPT_BACK_PREFIXES = ("x-rolegraph-", "x-terraphim-", "x-forwarded-")


@dataclass(frozen=True, slots=True)
class Request:
    """What the client sent, as bytes, as its own JSON, and in the canonical form.

    Header names are lower-case; a repeated header is joined with commas.
    """

    dialect: ClientDialect
    body: bytes = field(repr=False)
    parsed: Json = field(repr=False)
    canonical: Json = field(repr=False)
    adaptation: Adaptation
    stream: bool
    headers: Mapping[str, str] = field(repr=False)
    query: str
    estimate: TokenEstimate = field(repr=False)

    @property
    def session(self) -> str:
        """The session that it belongs to, as its client names it; or nothing."""
        return session_of(self.canonical, self.headers)

    @property
    def answer_as(self) -> str:
        """The model name that the answer must carry; empty where the true one may stand.

        Claude Code keeps thinking blocks only of the model that it asked for.
        """
        model = self.parsed.get("model")
        if self.dialect.name != "anthropic" or not isinstance(model, str) or model == "auto":
            return ""
        return model


def write_call(request: Request, candidate: Candidate, key: str) -> tuple[Call, tuple[str, ...]]:
    """Return the call for this candidate, and the notes on what it could not keep.

    Where both sides speak the same dialect, the body and the client's headers
    pass as they are; ``native_body`` names the exceptions. Otherwise the canonical request is
    encoded, from the start each time. Raises ``BadRequest`` for what the
    candidate's dialect can't express.
    """
    haystack = candidate.haystack
    upstream = UPSTREAMS[haystack.dialect]
    url = haystack.location + (
        haystack.path or upstream.path(candidate.model.id, stream=request.stream)
    )
    headers = {
        "content-type": "application/json",
        "accept": "text/event-stream" if request.stream else "application/json",
        "accept-encoding": "identity",
    }
    headers.update(upstream.headers(key))
    if haystack.passthrough:
        headers["authorization"] = subscription(request.headers)
    if request.dialect.name == upstream.name:
        headers.update(_forwarded(request.headers))
        headers.update(haystack.headers)
        if request.query:
            url = f"{url}?{request.query}"
        body, notes = native_body(request.body, request.parsed, upstream.name, candidate.model)
        return Call(url, headers, body, haystack.timeouts, whole=not request.stream), notes
    adaptation = Adaptation(list(request.adaptation.notes), list(request.adaptation.refusals))
    encoded = upstream.encode_request(request.canonical, candidate.model, adaptation)
    if adaptation.refusals:
        raise BadRequest("; ".join(adaptation.refusals))
    if haystack.service == "openai" and (session := request.session):
        encoded["prompt_cache_key"] = sha256(session.encode()).hexdigest()[:32]
    headers.update(haystack.headers)
    call = Call(url, headers, orjson.dumps(encoded), haystack.timeouts, whole=not request.stream)
    return call, tuple(adaptation.notes)


def _forwarded(headers: Mapping[str, str]) -> dict[str, str]:
    return {
        name: value
        for name, value in headers.items()
        if name not in _KEPT_BACK and not name.startswith(_KEPT_BACK_PREFIXES)
    }
