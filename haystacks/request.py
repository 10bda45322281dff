"""A client's request on its way out, and how it is written for one candidate."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field

import orjson

from haystacks.depth import too_deep, written
from haystacks.dialect import Adaptation, ClientDialect, Json, TokenEstimate
from haystacks.dialects.table import UPSTREAMS
from haystacks.errors import BadRequest, FileMissing
from haystacks.http.call import Call
from haystacks.native import native_body
from haystacks.pool import Candidate
from haystacks.prompt_cache import cache_hints
from haystacks.session import session_of
from haystacks.subscription import subscription
from haystacks.transformer import NO_KNOWLEDGE, Knowledge, Target
from haystacks.transforming import Steps, reshaped, rewritten
from kg.value import value

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


@value
class Request:
    """What the client sent, as bytes, as its own JSON, and in the canonical form.

    Header names are lower-case; a repeated header is joined with commas.
    ``transformers`` are those that the request's concept names, and ``absent_files`` the
    ids of files that are not kept here.
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
    transformers: Steps = ()
    knowledge: Knowledge = field(default=NO_KNOWLEDGE, repr=False)
    absent_files: tuple[str, ...] = ()

    def steps(self, candidate: Candidate) -> Steps:
        """Return the transformers on the way to a candidate, in their order."""
        haystack, model = candidate.haystack, candidate.model
        return haystack.transformers + model.transformers + self.transformers

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


def write_call(
    request: Request, candidate: Candidate, key: str, steps: Steps = ()
) -> tuple[Call, tuple[str, ...]]:
    """Return the call for this candidate, and the notes on what it could not keep.

    Where both sides speak the same dialect, the body and the client's headers
    pass as they are; ``native_body`` names the exceptions. Otherwise the canonical request is
    encoded, from the start each time. ``steps`` change what is sent. Raises ``BadRequest`` for
    what the candidate's dialect can't express, and ``FileMissing``.
    """
    haystack = candidate.haystack
    if request.absent_files and not haystack.native_files:
        raise FileMissing(f"there is no file {request.absent_files[0]}")
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
    same = request.dialect.name == upstream.name
    if same:
        headers.update(forwarded(request.headers))
        if request.query:
            url = f"{url}?{request.query}"
    headers.update(haystack.headers)
    if steps:
        body, notes = _transformed(request, candidate, steps)
    elif same:
        body, notes = native_body(request.body, request.parsed, upstream.name, candidate.model)
    else:
        encoded, notes = _encoded(request, request.canonical, candidate)
        body = written(encoded)
    return Call(url, headers, body, haystack.timeouts, whole=not request.stream), notes


def _encoded(
    request: Request, canonical: Json, candidate: Candidate
) -> tuple[Json, tuple[str, ...]]:
    if too_deep(request.parsed):
        raise BadRequest("the body nests too deep to be translated")
    adaptation = Adaptation(list(request.adaptation.notes), list(request.adaptation.refusals))
    upstream = UPSTREAMS[candidate.haystack.dialect]
    encoded = upstream.encode_request(canonical, candidate.model, adaptation)
    if adaptation.refusals:
        raise BadRequest("; ".join(adaptation.refusals))
    hints = cache_hints(candidate, canonical, request.session)
    return {**encoded, **hints}, tuple(adaptation.notes)


def _transformed(
    request: Request, candidate: Candidate, steps: Steps
) -> tuple[bytes, tuple[str, ...]]:
    """Return the body after all steps; where none changes it, the bytes are the client's own."""
    dialect, model = candidate.haystack.dialect, candidate.model
    told = Adaptation()
    canonical = rewritten(request.canonical, steps, request.knowledge, told)
    unchanged = canonical is request.canonical
    # A changed canonical request is Anthropic's own wire form; for others it is encoded.
    if request.dialect.name == dialect and (unchanged or dialect == "anthropic"):
        raw = request.body if unchanged else written(canonical)
        parsed = request.parsed if unchanged else canonical
        body, notes = native_body(raw, parsed, dialect, model)
        encoded = orjson.loads(body)
    else:
        encoded, notes = _encoded(request, canonical, candidate)
        body = written(encoded)
    changed = reshaped(encoded, steps, Target(dialect, model, canonical), told)
    if changed is not encoded:
        body = written(changed)
    return body, (*notes, *told.notes)


def forwarded(headers: Mapping[str, str]) -> dict[str, str]:
    """Return the client's headers that may travel on."""
    return {
        name: value
        for name, value in headers.items()
        if name not in _KEPT_BACK and not name.startswith(_KEPT_BACK_PREFIXES)
    }
