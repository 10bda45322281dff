"""``/v1/files`` of Anthropic's clients: their files are kept here."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import quote

from fastapi import APIRouter, Request
from fastapi.responses import StreamingResponse
from fastapi.routing import APIRoute
from starlette.routing import Match
from starlette.types import Scope

from haystacks.passthrough import native
from roles.facts import Facts
from server.exchange import read_headers
from server.files.page import asked, told
from server.files.stored import StoredFile
from server.front import PATH_ROLE
from server.gateway import Gateway
from server.keys import owner_of
from server.role_of import role_of
from server.vendor import vendor_of


class KeptHere(APIRoute):
    """Serves Anthropic's clients, unless the role has an Anthropic that keeps their files."""

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Match the path, but none of the requests that are passed on to a provider."""
        match, child = super().matches(scope)
        if match is not Match.NONE and _passes(scope):
            return Match.NONE, {}
        return match, child


router = APIRouter(prefix="/v1/files", tags=["files"], route_class=KeptHere)


@router.post("")
async def upload(request: Request) -> dict[str, Any]:
    """Store one file, sent as multipart/form-data; it goes to the disk while it arrives."""
    gateway, owner = _admitted(request)
    limit = gateway.settings.files_max_bytes
    file = await gateway.files.receive(owner, request.receive, request.headers, limit)
    return file.as_dict()


@router.get("")
async def list_files(request: Request) -> dict[str, Any]:
    """List the files of the caller's key, the newest first."""
    gateway, owner = _admitted(request)
    query = request.query_params
    # Only sessions that run at Anthropic have a scope.
    if "scope_id" in query:
        return told([], more=False)
    if ids := [*query.getlist("ids"), *query.getlist("ids[]")]:
        return told(await gateway.files.known(owner, ids[:_MOST_IDS]), more=False)
    found, more = await gateway.files.page(owner, asked(query))
    return told(found, more=more)


@router.get("/{file_id}")
async def get_file(request: Request, file_id: str) -> dict[str, Any]:
    """Describe one file."""
    gateway, owner = _admitted(request)
    return (await gateway.files.find(owner, file_id)).as_dict()


@router.get("/{file_id}/content")
async def download(request: Request, file_id: str) -> StreamingResponse:
    """Send a file's content, as it was uploaded."""
    gateway, owner = _admitted(request)
    file = await gateway.files.find(owner, file_id)
    content = gateway.files.content(file)
    # What can't be read is told before the headers are out.
    first = await anext(content, b"")
    return StreamingResponse(_chained(first, content), headers=_headers(file), media_type=file.mime)


@router.delete("/{file_id}")
async def delete(request: Request, file_id: str) -> dict[str, Any]:
    """Remove a file."""
    gateway, owner = _admitted(request)
    await gateway.files.remove(owner, file_id)
    return {"id": file_id, "type": "file_deleted"}


# Anthropic's own bound.
_MOST_IDS = 100


def _admitted(request: Request) -> tuple[Gateway, str]:
    """Return the gateway, and whose files the caller may see. Raises ``Unauthorized``."""
    gateway: Gateway = request.app.state.gateway
    return gateway, owner_of(gateway.admit(request.headers))


def _passes(scope: Scope) -> bool:
    """Tell whether a request is for OpenAI, or for the one Anthropic that the role passes to."""
    gateway: Gateway = scope["app"].state.gateway
    headers = read_headers(scope)
    if vendor_of(scope["path"], headers) != "anthropic":
        return True
    view = role_of(
        gateway.snapshot,
        gateway.settings,
        Facts(""),
        headers=headers,
        path_role=scope.get(PATH_ROLE, ""),
        key=gateway.admit(headers),
    )
    haystack = native(view.offer.own, "anthropic", headers)
    return haystack is not None and haystack.native_files


def _headers(file: StoredFile) -> dict[str, str]:
    """Return headers with which no browser shows a file as a page of this server."""
    return {
        "content-length": str(file.size),
        "content-disposition": f"attachment; filename*=utf-8''{quote(file.name, safe='')}",
        "x-content-type-options": "nosniff",
        "cache-control": "no-store",
    }


async def _chained(first: bytes, rest: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    yield first
    async for piece in rest:
        yield piece
