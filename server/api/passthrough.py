"""Everything else under ``/v1/``: passed to the provider whose it is, untouched both ways."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import aclosing
from typing import Final

from starlette.routing import BaseRoute, Match
from starlette.types import Receive, Scope, Send

from haystacks.answer import Answer
from haystacks.call import Reply, Upload
from haystacks.dialects.table import DIALECTS
from haystacks.errors import (
    BudgetExceeded,
    NotFound,
    NotSupported,
    RolegraphError,
)
from haystacks.passthrough import Vendor, native, passed_back, passed_call, plain_path
from haystacks.pool import Candidate, Haystack, Model
from roles.facts import Facts
from roles.view import View
from server.departure import ClientLeft, WhileClientStays, departure_of
from server.exchange import encode_headers, read_headers, send_whole
from server.failure import error_answer
from server.front import PATH_ROLE
from server.gateway import Gateway
from server.key_limits import admit_key
from server.record import Record
from server.role_of import role_of
from server.vendor import READ_AS, vendor_of

_NO_MODEL: Final = Model("")


class Passthrough:
    """The endpoint, as a plain ASGI application: bodies of any size go through piece by piece.

    ``served`` are the routes that stand before it: what they serve is never passed on, by
    whatever spelling of a path.
    """

    def __init__(self, gateway: Gateway, served: Callable[[], Iterable[BaseRoute]]) -> None:
        self._gateway = gateway
        self._served = served

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass one request; what goes wrong on our side is told in the vendor's dialect."""
        headers = read_headers(scope)
        vendor = vendor_of(scope["path"], headers)
        for route in self._served():
            if route.matches(scope)[0] is Match.PARTIAL:
                await route.handle(scope, receive, send)  # refuses the method
                return
        record = Record("passthrough")
        self._gateway.in_flight += 1
        try:
            await self._pass(scope, receive, send, record, headers, vendor)
        except ClientLeft:
            record.status, record.outcome = 499, "client_left"
        except RolegraphError as error:
            if record.answer is not None:
                record.error, record.outcome = error, "broken"
                return  # without an end of its own: the connection is cut, as the provider's was
            record.refused(error)
            await send_whole(send, *error_answer(error, DIALECTS[READ_AS[vendor]], record))
        finally:
            self._gateway.in_flight -= 1
            record.end()
            self._gateway.ledger.add(record)

    async def _pass(
        self,
        scope: Scope,
        receive: Receive,
        send: Send,
        record: Record,
        headers: dict[str, str],
        vendor: Vendor,
    ) -> None:
        gateway = self._gateway
        client = gateway.admit(headers)
        path = self._checked_path(scope)
        view = role_of(
            gateway.snapshot,
            gateway.settings,
            Facts(""),
            headers=headers,
            path_role=scope.get(PATH_ROLE, ""),
            key=client,
        )
        record.role = view.role.handle
        haystack = native(view.offer.own, vendor, headers)
        if haystack is None:
            raise _nobody(path, vendor, view)
        allowance = await gateway.budgets.allowance(view.role, client, gateway.clock())
        if allowance.spent:
            raise BudgetExceeded(allowance.spent)
        entry = await admit_key(gateway.limiter, client, _no_tokens)
        candidate = Candidate(haystack, _NO_MODEL)
        try:
            if full := await gateway.gate.enter(candidate, _no_tokens):
                raise full
            try:
                with WhileClientStays(departure_of(scope)):
                    call = passed_call(
                        haystack, scope["method"], _target(scope), headers, _body(headers, receive)
                    )
                    reply = await gateway.send(haystack, call)
                    await self._answer(reply, haystack, send, record)
            finally:
                gateway.gate.leave(candidate, 0)
        finally:
            if entry is not None:
                entry.leave(0, 0.0)

    def _checked_path(self, scope: Scope) -> str:
        """Return the path as everybody reads it. Raises ``NotFound`` for one of our own."""
        path = plain_path(scope["raw_path"].decode("ascii"))
        spelled = {**scope, "path": path.lower()}
        ours = any(route.matches(spelled)[0] is not Match.NONE for route in self._served())
        if ours or not path.startswith("/v1/"):
            raise NotFound(f"nothing is served at {scope['path']}")
        return path

    async def _answer(self, reply: Reply, haystack: Haystack, send: Send, record: Record) -> None:
        back = dict(passed_back(reply.headers))
        upstream_id = back.pop("x-rolegraph-upstream-request-id", "")
        told = {"x-rolegraph-upstream-request-id": upstream_id} if upstream_id else {}
        record.answer = Answer(Candidate(haystack, _NO_MODEL), told, (), lambda: None)
        record.status = reply.status
        pairs = [*back.items(), *((name, value) for name, value in record.headers() if value)]
        await send(
            {
                "type": "http.response.start",
                "status": reply.status,
                "headers": encode_headers(pairs),
            }
        )
        async with aclosing(reply.chunks()) as chunks:
            async for chunk in chunks:
                await send({"type": "http.response.body", "body": chunk, "more_body": True})
        await send({"type": "http.response.body", "body": b""})
        record.outcome = "ok"


def _nobody(path: str, vendor: Vendor, view: View) -> RolegraphError:
    if path.startswith("/v1/responses/"):
        return NotFound(
            f"no response is stored here, so there is no {path.removeprefix('/v1/responses/')}: "
            "send the whole conversation as input"
        )
    name = {"anthropic": "Anthropic", "openai": "OpenAI"}[vendor]
    return NotSupported(
        f"{path} is passed to {name}, and the role {view.role.handle} has no active haystack "
        f"of the service {vendor}"
    )


def _target(scope: Scope) -> str:
    query = scope["query_string"].decode("latin-1")
    path: str = scope["raw_path"].decode("ascii")
    return f"{path}?{query}" if query else path


def _body(headers: dict[str, str], receive: Receive) -> bytes | Upload:
    """Return the body that is still to come; nothing where the headers tell of none."""
    length = headers.get("content-length", "")
    if length.isdecimal():
        return Upload(_pieces(receive), int(length)) if int(length) else b""
    return Upload(_pieces(receive)) if "transfer-encoding" in headers else b""


async def _pieces(receive: Receive) -> AsyncIterator[bytes]:
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientLeft
        yield message.get("body", b"")
        more = message.get("more_body", False)


def _no_tokens() -> int:
    return 0
