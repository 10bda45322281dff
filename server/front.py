"""The outermost layer: a role in the path, the short way to the hot endpoints, an id for all."""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import unquote

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from server.record import new_id

# Matched before anything is decoded: a role's name may hold a slash.
_ROLE = re.compile(rb"/role/([^/]+)(/.*)?\Z", re.DOTALL)

PATH_ROLE = "rolegraph.role"


class Front:
    """Serves ``/role/<name>/v1/...`` as ``/v1/...``, so that a base URL alone can pin a role.

    ``hot`` are endpoints by path that take a POST. The application has them
    too; but its own layers would cost a quarter of a request's whole budget.
    """

    def __init__(self, app: ASGIApp, hot: Mapping[str, ASGIApp]) -> None:
        self._app = app
        self._hot = hot

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Take a role off the path, note it in the scope, and pass the request on."""
        if scope["type"] == "http":
            if scope["path"].startswith("/role/") and (match := _ROLE.match(scope["raw_path"])):
                raw = match[2] or b"/"
                path, role = unquote(raw), unquote(match[1])
                scope = {**scope, "path": path, "raw_path": raw, PATH_ROLE: role}
            if scope["method"] == "POST" and (endpoint := self._hot.get(scope["path"])):
                await endpoint(scope, receive, send)
                return
        await self._app(scope, receive, _with_id(send))


def _with_id(send: Send) -> Send:
    """Return a ``send`` that gives an id to the answers whose endpoint has none of its own."""

    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = [*message.get("headers", ())]
            if not any(name == b"request-id" for name, _ in headers):
                name = new_id("req").encode()
                headers += [(b"request-id", name), (b"x-request-id", name)]
            message = {**message, "headers": headers}
        await send(message)

    return sending
