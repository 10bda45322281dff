"""Everything else under ``/v1/``: passed to the provider whose it is, untouched both ways."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection

from starlette.routing import BaseRoute, Match
from starlette.types import Receive, Scope, Send

from haystacks.dialects.table import DIALECTS
from haystacks.errors import NotFound, NotSupported, RolegraphError
from haystacks.http.call import Upload
from haystacks.passthrough import Vendor, native, plain_path
from roles.view import View
from server.departure import ClientLeft
from server.exchange import read_headers, send_whole
from server.failure import error_answer
from server.gateway import Gateway
from server.keys import owner_of
from server.passing import passing, relay, role_of_scope
from server.record import Record
from server.vendor import READ_AS, vendor_of


class Passthrough:
    """The endpoint, as a plain ASGI application: bodies of any size go through piece by piece.

    ``served`` are the routes that stand before it: what they serve is never passed on, by
    whatever spelling of a path.
    """

    def __init__(self, gateway: Gateway, served: Collection[BaseRoute]) -> None:
        self._gateway = gateway
        self._served = served

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass one request; what goes wrong on our side is told in the vendor's dialect."""
        headers = read_headers(scope)
        vendor = vendor_of(scope["path"], headers)
        for route in self._served:
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
        record.key, record.at = owner_of(client), gateway.clock()
        path = self._checked_path(scope)
        view = role_of_scope(gateway, scope, headers, client)
        record.role = view.role.handle
        haystack = native(view.offer.own, vendor, headers)
        if haystack is None:
            raise _nobody(path, vendor, view)
        body = _body(headers, receive)
        async with passing(
            gateway, scope, headers, body, haystack, view=view, client=client
        ) as reply:
            await relay(reply, haystack, send, record)

    def _checked_path(self, scope: Scope) -> str:
        """Return the path as everybody reads it. Raises ``NotFound`` for one of our own."""
        raw = scope["raw_path"].decode("ascii")
        path = plain_path(raw)
        spelled = {**scope, "path": path.lower()}
        ours = any(route.matches(spelled)[0] is not Match.NONE for route in self._served)
        # What stands behind a location must begin with a slash as it was written: behind
        # that of a host alone, anything else could name another host.
        if ours or not (path.startswith("/v1/") and raw.startswith("/v1/")):
            raise NotFound(f"nothing is served at {scope['path']}")
        return path


def _nobody(path: str, vendor: Vendor, view: View) -> RolegraphError:
    if path.startswith("/v1/responses/"):
        return NotFound(
            f"no response is stored here, so there is no {path.removeprefix('/v1/responses/')}: "
            "send the whole conversation as input"
        )
    name = {"anthropic": "Anthropic", "openai": "OpenAI"}[vendor]
    ours = "; Anthropic's files are kept here: send the header anthropic-version"
    theirs = vendor == "openai" and path.startswith("/v1/files")
    return NotSupported(
        f"{path} is passed to {name}, and the role {view.role.handle} has no active haystack "
        f"of the service {vendor}{ours if theirs else ''}"
    )


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
