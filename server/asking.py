"""One request from its bytes to its answer: read, routed, sent. Of HTTP nothing is known here."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from dataclasses import replace
from functools import partial

import structlog

from haystacks.answer import Answer
from haystacks.depth import written
from haystacks.dialect import Adaptation, ClientDialect, Json, TokenEstimate
from haystacks.dialects.table import DIALECTS
from haystacks.errors import RolegraphError
from haystacks.failover import first_answer
from haystacks.file_sources import MARK
from haystacks.mended import mended_attempt
from haystacks.request import Request
from haystacks.tokens import count_request, count_text
from roles.extract import facts_of
from roles.facts import Facts
from roles.view import View
from server.auto_role import settled
from server.exchange import LARGE_BYTES, parse_object
from server.failure import InternalError, error_body
from server.files.inline import inlined
from server.gateway import Gateway
from server.keys import ClientKey, owner_of
from server.moment import Moment
from server.record import Record
from server.role_of import role_found
from server.transforms import with_transformers
from server.usage.content import Content

log = structlog.get_logger("rolegraph")


def read_request(
    dialect: ClientDialect, body: bytes, headers: Mapping[str, str], query: str = ""
) -> Request:
    """Return the request that a client's body holds. Raises ``BadRequest``."""
    parsed = parse_object(body)
    adaptation = Adaptation()
    canonical = dialect.decode_request(parsed, adaptation)
    return Request(
        dialect=dialect,
        body=body,
        parsed=parsed,
        canonical=canonical,
        adaptation=adaptation,
        stream=parsed.get("stream") is True,
        headers=headers,
        query=query,
        estimate=_estimate(canonical),
    )


async def ask(
    gateway: Gateway,
    moment: Moment,
    request: Request,
    client: ClientKey | None,
    record: Record,
    path_role: str = "",
) -> Answer:
    """Route a request and return the first answer; role, decision and answer go on record.

    Whoever takes it calls ``moment.end`` when it has ended, well or not. Raises
    whatever a client is to be told.
    """
    if MARK in request.body:
        request = await _with_files(gateway, request, client)

    def read() -> tuple[Facts, View, bool]:
        facts = facts_of(
            request.canonical,
            request.headers,
            body_bytes=len(request.body),
            count=request.estimate.input,
        )
        view, by_text = role_found(
            moment.snapshot,
            gateway.settings,
            facts,
            headers=request.headers,
            path_role=path_role,
            key=client,
        )
        return facts, view, by_text

    large = len(request.body) > LARGE_BYTES
    facts, view, by_text = await asyncio.to_thread(read) if large else read()
    if by_text and not moment.batch:
        view = await settled(gateway.shared, moment.snapshot, view, facts, client, remember=True)
    record.role, record.session = view.role.handle, facts.session
    record.key = client.name if client else ""
    record.at = gateway.clock()
    if gateway.settings.record_content:
        record.content = Content(request.canonical.get("messages"))
    await moment.look(facts, view, client)
    record.decision = decision = await moment.begin(await moment.decide(aside=large))
    named = moment.snapshot.haystack_files.own.plain
    request = with_transformers(request, decision, view, named)
    # What keeps a session where it is must not lose to whoever is quicker at the moment.
    hedge_seconds = 0.0 if decision.phase == "session" else gateway.settings.hedge_seconds
    thought_by = await moment.thought_by(request.canonical)
    record.asked = time.perf_counter()
    record.answer = answer = await first_answer(
        request,
        decision.candidates,
        gateway.health,
        gateway.send,
        gate=moment.gate,
        hedge_seconds=hedge_seconds,
        ask=partial(mended_attempt, thought_by=thought_by),
    )
    return answer


async def _with_files(gateway: Gateway, request: Request, client: ClientKey | None) -> Request:
    """Return the request with the files inside that it names and that are kept here."""
    limit = gateway.settings.max_body
    parsed, absent = await inlined(gateway.files, owner_of(client), request.parsed, limit)
    if parsed is not request.parsed:

        def read() -> Request:
            return read_request(request.dialect, written(parsed), request.headers, request.query)

        request = await asyncio.to_thread(read)
    return replace(request, absent_files=absent)


async def ask_aside(
    gateway: Gateway,
    message: bytes,
    headers: Mapping[str, str],
    client: ClientKey | None,
    *,
    surface: str,
    path_role: str = "",
    batch: bool = False,
) -> tuple[Record, bytes]:
    """Answer an unstreamed request of Anthropic's that no client waits for on a connection.

    Returns its record, with ``status``, ``error`` and the headers that explain it, and
    the body: the message, or the error in Anthropic's envelope. Header names are lower-case.
    One of a ``batch`` may wait, and be asked again: so its worker decides what goes on record.
    """
    record, moment = Record(surface), Moment(gateway, batch=batch)
    try:
        anthropic, large = DIALECTS["anthropic"], len(message) > LARGE_BYTES
        reading = (anthropic, message, headers)
        request = (
            await asyncio.to_thread(read_request, *reading) if large else read_request(*reading)
        )
        answer = await ask(gateway, moment, request, client, record, path_role)
        body = answer.body
        record.status, record.outcome = 200, "ok"
    except RolegraphError as error:
        body = _refused(record, error)
    except Exception:
        log.exception("internal error", id=record.request_id)
        body = _refused(record, InternalError("internal error"))
    finally:
        record.end()
        try:
            await moment.end(record)
        finally:
            if not batch:
                gateway.ledger.add(record)
    return record, body


def _refused(record: Record, error: RolegraphError) -> bytes:
    record.refused(error)
    return error_body(error, DIALECTS["anthropic"], record.request_id)


def _estimate(canonical: Json) -> TokenEstimate:
    """Return the counts of a request: made when first asked for, then remembered."""
    counted: int | None = None

    def count() -> int:
        nonlocal counted
        if counted is None:
            counted = count_request(canonical)
        return counted

    return TokenEstimate(count, count_text)
