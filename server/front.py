"""The outermost layer: a role in the path, and the paths that nobody serves."""

from __future__ import annotations

import re
from urllib.parse import unquote

from starlette.types import ASGIApp, Receive, Scope, Send

_ROLE = re.compile(r"/role/([^/]+)(/.*)?\Z")

PATH_ROLE = "rolegraph.role"


class RolePrefix:
    """Serves ``/role/<name>/v1/...`` as ``/v1/...``, so that a base URL alone can pin a role."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Take the prefix off the path and note the role in the scope."""
        if scope["type"] == "http" and scope["path"].startswith("/role/"):
            match = _ROLE.match(scope["path"])
            if match is not None:
                path = match[2] or "/"
                raw = path.encode()
                scope = {**scope, "path": path, "raw_path": raw, PATH_ROLE: unquote(match[1])}
        await self._app(scope, receive, send)
