"""``POST /v1/embeddings``: OpenAI's embeddings, from whichever haystack offers the model."""

from __future__ import annotations

import time
from functools import cache
from typing import Any

import structlog
from starlette.types import Receive, Scope, Send

from haystacks.answer import Answer
from haystacks.dialect import Adaptation, TokenEstimate
from haystacks.dialects.table import DIALECTS
from haystacks.embeddings import embed
from haystacks.errors import BadRequest, RolegraphError
from haystacks.failover import first_answer
from haystacks.pool import Candidate
from haystacks.prices import charged
from haystacks.request import Request
from haystacks.tokens import count_text
from haystacks.usage import Usage
from roles.embedding import decide_embedding
from roles.facts import Facts
from roles.view import View
from server.departure import ClientLeft, WhileClientStays, departure_of
from server.exchange import (
    LARGE_BYTES,
    encode_headers,
    parse_object,
    read_body,
    read_headers,
    send_whole,
)
from server.failure import InternalError, error_answer
from server.front import PATH_ROLE
from server.gateway import Gateway
from server.key_limits import admit_key
from server.keys import ClientKey, owner_of
from server.record import Record
from server.role_of import role_of

log = structlog.get_logger("rolegraph")

# About right for texts; what is large takes too long to be counted.
_BYTES_PER_TOKEN = 4


class Embeddings:
    """The endpoint, as a plain ASGI application: an index asks it thousands of times."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; what goes wrong is told as OpenAI would."""
        record = Record("embeddings")
        gateway = self._gateway
        gateway.in_flight += 1
        gateway.last_request = time.monotonic()
        try:
            answer = await self._answer(scope, receive, record)
            pairs = [("content-type", "application/json"), *record.headers()]
            record.status, record.outcome = 200, "ok"
            await send_whole(send, 200, encode_headers(pairs), answer.body)
        except ClientLeft:
            record.status, record.outcome = 499, "client_left"
        except RolegraphError as error:
            await self._refuse(error, send, record)
        except Exception:
            if record.answer is not None:
                raise  # the headers may be out: only a cut connection is honest now
            log.exception("internal error", id=record.request_id)
            await self._refuse(InternalError("internal error"), send, record)
        finally:
            gateway.in_flight -= 1
            record.end()
            gateway.ledger.add(record)

    async def _refuse(self, error: RolegraphError, send: Send, record: Record) -> None:
        record.refused(error)
        await send_whole(send, *error_answer(error, DIALECTS["openai_chat"], record))

    async def _answer(self, scope: Scope, receive: Receive, record: Record) -> Answer:
        gateway = self._gateway
        headers = read_headers(scope)
        client = gateway.admit(headers)
        record.key, record.at = owner_of(client), gateway.clock()
        body = await read_body(receive, headers, gateway.settings.max_body)
        request = _read(body, headers)
        asked = request.parsed.get("model") or ""
        if not isinstance(asked, str):
            raise BadRequest("model: must be a text")
        view = role_of(
            gateway.snapshot,
            gateway.settings,
            Facts("", asked),
            headers=headers,
            path_role=scope.get(PATH_ROLE, ""),
            key=client,
        )
        record.role = view.role.handle
        record.decision = decision = decide_embedding(asked, view)
        with WhileClientStays(departure_of(scope)):
            return await self._paid(request, decision.candidates, view, client, record)

    async def _paid(
        self,
        request: Request,
        candidates: tuple[Candidate, ...],
        view: View,
        client: ClientKey | None,
        record: Record,
    ) -> Answer:
        """Return the first answer, within the limits of the key and the money there is for it."""
        gateway, now = self._gateway, self._gateway.clock()
        allowance = await gateway.budgets.allowance(view.role, client, now)
        price = candidates[0].model.price
        usd = price.input * len(request.body) / _BYTES_PER_TOKEN / 1e6 if price else 0.0
        if allowance.spent and (usd or price is None or not allowance.free_only):
            raise allowance.exceeded()
        entry = await admit_key(gateway.limiter, client, request.estimate.input)
        usage, cost = None, 0.0
        try:
            hold = await gateway.budgets.hold(view.role, client, now, usd)
            try:
                record.asked = time.perf_counter()
                answer = await first_answer(
                    request, candidates, gateway.health, gateway.send, gate=gateway.gate, ask=embed
                )
                record.answer = answer
                usage, cost = self._ended(answer, record)
                return answer
            finally:
                hold.settle(cost)
        finally:
            if entry is not None:
                entry.leave(usage.total if usage else 0, cost)

    def _ended(self, answer: Answer, record: Record) -> tuple[Usage | None, float]:
        """Tell health and limits of an answer that is whole; return what it has used and cost."""
        candidate, usage = answer.candidate, answer.usage()
        seconds = time.perf_counter() - record.asked - answer.waited
        self._gateway.health.finished(candidate, usage, seconds)
        price = candidate.model.price
        cost = record.cost = charged(price, usage) if price and usage else 0.0
        self._gateway.gate.leave(candidate, usage.total if usage else None, cost)
        return usage, cost


def _read(body: bytes, headers: dict[str, str]) -> Request:
    parsed = parse_object(body)
    given = parsed.get("input")
    if not given or not isinstance(given, str | list):
        raise BadRequest("input: must be a text, tokens, or a list of such")
    large = len(body) > LARGE_BYTES

    def count() -> int:
        return len(body) // _BYTES_PER_TOKEN if large else _tokens(given)

    return Request(
        dialect=DIALECTS["openai_chat"],
        body=body,
        parsed=parsed,
        canonical={},
        adaptation=Adaptation(),
        stream=False,
        headers=headers,
        query="",
        estimate=TokenEstimate(cache(count), count_text),
    )


def _tokens(given: Any) -> int:
    """Count what is to be embedded: texts, or tokens already."""
    tokens = 0
    for each in [given] if isinstance(given, str) else given:
        match each:
            case str():
                tokens += count_text(each)
            case list():
                tokens += len(each)
            case _:
                tokens += 1
    return tokens
