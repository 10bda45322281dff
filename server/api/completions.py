"""The main endpoint: a request of any client dialect, routed, answered, explained."""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress

import structlog
from starlette.types import Receive, Scope, Send

from haystacks.answer import Answer
from haystacks.dialect import ClientDialect
from haystacks.errors import RolegraphError
from haystacks.stream import Flow
from server.asking import ask, read_request
from server.departure import ClientLeft, WhileClientStays, departure_of
from server.exchange import (
    encode_headers,
    read_body,
    read_headers,
    send_stream,
    send_whole,
)
from server.failure import InternalError, error_answer
from server.front import PATH_ROLE
from server.gateway import Gateway
from server.moment import Moment
from server.outlet import outlet_of
from server.record import Record
from server.redact import redact_headers, redact_text

log = structlog.get_logger("rolegraph")


class Completions:
    """The endpoint of one client dialect, as a plain ASGI application.

    A FastAPI route would cost a quarter of the whole budget of a request.
    """

    def __init__(self, gateway: Gateway, dialect: ClientDialect) -> None:
        self._gateway = gateway
        self._dialect = dialect

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; whatever goes wrong is told in the client's dialect."""
        record = Record(self._dialect.name)
        moment = Moment(self._gateway)
        gateway = self._gateway
        gateway.in_flight += 1
        gateway.last_request = time.monotonic()
        try:
            await self._answer(scope, receive, send, record, moment)
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
            try:
                await moment.end(record)
            finally:
                gateway.ledger.add(record)
                if record.answer and record.answer.stream:
                    await record.answer.stream.release()

    async def _answer(
        self, scope: Scope, receive: Receive, send: Send, record: Record, moment: Moment
    ) -> None:
        gateway = self._gateway
        headers = read_headers(scope)
        client_key = gateway.admit(headers)
        body = await read_body(receive, headers, gateway.settings.max_body)
        if gateway.settings.verbose_requests:
            self._log_request(record, headers, body)
        query = scope["query_string"].decode("latin-1")
        request = read_request(self._dialect, body, headers, query)
        record.stream = request.stream
        with WhileClientStays(departure_of(scope)):
            path_role = scope.get(PATH_ROLE, "")
            answer = await ask(gateway, moment, request, client_key, record, path_role)
            await self._deliver(answer, scope, send, record)

    async def _deliver(self, answer: Answer, scope: Scope, send: Send, record: Record) -> None:
        record.status, record.first_byte = 200, time.perf_counter()
        stream = answer.stream
        if stream is None:
            headers = [("content-type", "application/json"), *record.headers()]
            await send_whole(send, 200, encode_headers(headers), answer.body)
            record.outcome = "ok"
            return
        headers = [
            ("content-type", "text/event-stream; charset=utf-8"),
            ("cache-control", "no-cache"),
            ("x-accel-buffering", "no"),
            *record.headers(),
        ]
        seconds = self._gateway.settings.ping_seconds
        outlet = outlet_of(scope, send)
        flow: Flow = stream.flow
        if record.content:
            flow = record.content.listen(flow)
        try:
            await send_stream(send, encode_headers(headers), flow, outlet, stream.ping, seconds)
        except asyncio.CancelledError:
            # The server stops, and has waited long enough; or the client left, and hears nothing.
            # SDKs take a stream that just ends for a whole one. Who has not taken what was
            # written before would not take this either, and is not waited for.
            with suppress(TimeoutError):
                async with asyncio.timeout(0):
                    await send({"type": "http.response.body", "body": stream.interrupted()})
            raise
        finally:
            stream.close()
        record.error = stream.broken
        record.outcome = "broken" if stream.broken else "ok"

    async def _refuse(self, error: RolegraphError, send: Send, record: Record) -> None:
        record.refused(error)
        await send_whole(send, *error_answer(error, self._dialect, record))

    def _log_request(self, record: Record, headers: dict[str, str], body: bytes) -> None:
        log.info(
            "request body",
            id=record.request_id,
            headers=redact_headers(headers),
            body=redact_text(body.decode("utf-8", "replace")),
        )
