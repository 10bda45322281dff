"""``POST /v1/messages/count_tokens`` and its like: counted here, never at an upstream's cost."""

from __future__ import annotations

import asyncio

import orjson
from starlette.types import Receive, Scope, Send

from haystacks.dialect import Adaptation, ClientDialect, Json
from haystacks.errors import FileMissing, RolegraphError
from haystacks.file_sources import MARK
from haystacks.tokens import count_request
from server.departure import ClientLeft
from server.exchange import (
    LARGE_BYTES,
    encode_headers,
    parse_object,
    read_body,
    read_headers,
    send_whole,
)
from server.failure import error_answer
from server.files.inline import inlined
from server.gateway import Gateway
from server.keys import owner_of
from server.record import Record


class CountTokens:
    """The endpoint, as a plain ASGI application: clients ask it dozens of times at their start.

    ``told`` are the fields that its answer holds beside the count.
    """

    def __init__(self, gateway: Gateway, dialect: ClientDialect, **told: str) -> None:
        self._gateway = gateway
        self._dialect = dialect
        self._told = told

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer ``{"input_tokens": n}``."""
        record = Record("count_tokens")
        try:
            headers = read_headers(scope)
            owner = owner_of(self._gateway.admit(headers))
            body = await read_body(receive, headers, self._gateway.settings.max_body)
            tokens = await self._count(body, owner)
        except ClientLeft:
            record.status, record.outcome = 499, "client_left"
        except RolegraphError as error:
            record.error, record.status, record.outcome = error, error.status, "refused"
            await send_whole(send, *error_answer(error, self._dialect, record))
        else:
            record.status, record.outcome = 200, "ok"
            pairs = [("content-type", "application/json"), *record.headers()]
            answer = orjson.dumps({**self._told, "input_tokens": tokens})
            await send_whole(send, 200, encode_headers(pairs), answer)
        finally:
            record.end()
            self._gateway.ledger.add(record)

    async def _count(self, body: bytes, owner: str) -> int:
        parsed, files = parse_object(body), MARK in body
        if files:
            parsed = await self._with_files(parsed, owner)
        canonical = self._dialect.decode_request(parsed, Adaptation())
        if files or len(body) > LARGE_BYTES:
            return await asyncio.to_thread(count_request, canonical)
        return count_request(canonical)

    async def _with_files(self, parsed: Json, owner: str) -> Json:
        """Return the request with its files inside; those that a provider keeps are estimated."""
        gateway = self._gateway
        limit = gateway.settings.max_body
        parsed, absent = await inlined(gateway.files, owner, parsed, limit)
        if absent and not any(each.native_files for each in gateway.snapshot.haystacks.values()):
            raise FileMissing(f"there is no file {absent[0]}")
        return parsed
