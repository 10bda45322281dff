"""One call that passes to a provider untouched: within the limits, on record, and back again."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import aclosing, asynccontextmanager
from typing import Final

from starlette.types import Scope, Send

from haystacks.answer import Answer
from haystacks.http.call import Reply, Upload, chunks_of
from haystacks.passthrough import passed_back, passed_call
from haystacks.pool import Candidate, Haystack, Model
from roles.facts import Facts
from roles.view import View
from server.departure import WhileClientStays, departure_of
from server.exchange import encode_headers
from server.front import PATH_ROLE
from server.gateway import Gateway
from server.key_limits import admit_key
from server.keys import ClientKey
from server.record import Record
from server.role_of import role_of

_NO_MODEL: Final = Model("")


def role_of_scope(
    gateway: Gateway, scope: Scope, headers: Mapping[str, str], client: ClientKey | None
) -> View:
    """Return the role of a request that names no model. Raises ``NotFound``."""
    return role_of(
        gateway.snapshot,
        gateway.settings,
        Facts(""),
        headers=headers,
        path_role=scope.get(PATH_ROLE, ""),
        key=client,
    )


@asynccontextmanager
async def passing(
    gateway: Gateway,
    scope: Scope,
    headers: Mapping[str, str],
    body: bytes | Upload,
    haystack: Haystack,
    *,
    view: View,
    client: ClientKey | None,
) -> AsyncIterator[Reply]:
    """Send a client's request on to a haystack; inside, its reply has begun.

    It counts as one request of the key and of the haystack. What it costs nobody tells, so it needs
    a budget that is not spent. A client that leaves ends it. Raises ``BudgetExceeded``,
    ``LimitReached``, an ``UpstreamError`` and ``ClientLeft``.
    """
    allowance = await gateway.budgets.allowance(view.role, client, gateway.clock())
    if allowance.spent:
        raise allowance.exceeded()
    candidate = Candidate(haystack, _NO_MODEL)
    entry = await admit_key(gateway.limiter, client, _no_tokens)
    try:
        if full := await gateway.gate.enter(candidate, _no_tokens):
            raise full
        try:
            with WhileClientStays(departure_of(scope)):
                call = passed_call(haystack, scope["method"], _target(scope), headers, body)
                reply = await gateway.send(haystack, call)
                try:
                    yield reply
                finally:
                    reply.close()
        finally:
            gateway.gate.leave(candidate, 0)
    finally:
        if entry is not None:
            entry.leave(0, 0.0)


async def relay(reply: Reply, haystack: Haystack, send: Send, record: Record) -> None:
    """Send the reply to the client, piece by piece, with our own headers beside its own.

    If the provider breaks off, an ``UpstreamError`` is raised after the head has gone out.
    """
    back = dict(passed_back(reply.headers))
    theirs = back.pop("x-rolegraph-upstream-request-id", "")
    told = {"x-rolegraph-upstream-request-id": theirs} if theirs else {}
    record.answer = Answer(Candidate(haystack, _NO_MODEL), told, (), lambda: None)
    record.status = reply.status
    pairs = [*back.items(), *((name, value) for name, value in record.headers() if value)]
    head = {"type": "http.response.start", "status": reply.status, "headers": encode_headers(pairs)}
    await send(head)
    async with aclosing(chunks_of(reply)) as chunks:
        async for chunk in chunks:
            await send({"type": "http.response.body", "body": chunk, "more_body": True})
    await send({"type": "http.response.body", "body": b""})
    record.outcome = "ok"


def _target(scope: Scope) -> str:
    query = scope["query_string"].decode("latin-1")
    path: str = scope["raw_path"].decode("ascii")
    return f"{path}?{query}" if query else path


def _no_tokens() -> int:
    return 0
