"""``/v1/messages/batches``: Anthropic's Message Batches, over every provider."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Any, Final
from urllib.parse import quote

from fastapi import APIRouter, Request, Response
from fastapi.responses import StreamingResponse
from starlette.requests import ClientDisconnect

from haystacks.errors import BadRequest, NotFound, TooLarge
from server.batches.batch import Batch
from server.batches.native import NativeRunner
from server.batches.runner import Runner
from server.batches.store import BatchStore
from server.batches.submission import submit
from server.departure import ClientLeft
from server.exchange import encode_headers, read_headers
from server.front import PATH_ROLE
from server.gateway import Gateway
from server.keys import ClientKey, owner_of
from server.record import one_line
from server.role_of import role_of_header

router = APIRouter(prefix="/v1/messages/batches", tags=["batches"])

_PAGE: Final = 20
_LARGEST_PAGE: Final = 1000


@router.post("")
async def create_batch(request: Request, response: Response) -> dict[str, Any]:
    """Take in a batch: what is accepted here is done, also if this process ends right now."""
    gateway, store, client = _asked(request)
    headers = read_headers(request.scope)
    batch, plan = await submit(
        gateway,
        store,
        _chunks(request, gateway.settings.batch_max_bytes),
        client=client,
        role=role_of_header(headers) or request.scope.get(PATH_ROLE, ""),
        headers=headers,
    )
    if plan.asked:
        told = f"native, {plan.native}" if plan.native else f"own: {plan.against}"
        response.raw_headers.extend(encode_headers([("x-rolegraph-batches", one_line(told))]))
    _wake(request)
    return _shown(request, batch)


@router.get("")
async def list_batches(request: Request) -> dict[str, Any]:
    """List the key's batches, the newest first."""
    _, store, client = _asked(request)
    query = request.query_params
    batches, more = await store.page(
        owner_of(client),
        _limit(query.get("limit", "")),
        before=query.get("before_id", ""),
        after=query.get("after_id", ""),
    )
    return {
        "data": [_shown(request, batch) for batch in batches],
        "has_more": more,
        "first_id": batches[0].id if batches else None,
        "last_id": batches[-1].id if batches else None,
    }


@router.get("/{name}")
async def get_batch(request: Request, name: str) -> dict[str, Any]:
    """Tell how far a batch is."""
    _, store, client = _asked(request)
    return _shown(request, await _found(store, client, name))


@router.get("/{name}/results")
async def get_results(request: Request, name: str) -> StreamingResponse:
    """Stream the results of a batch that has ended, a line each."""
    _, store, client = _asked(request)
    batch = await _found(store, client, name)
    if batch.state != "ended":
        raise BadRequest(f"batch {name} is {batch.state}: it has results once it has ended")
    if batch.archived is not None:
        raise NotFound(f"the results of batch {name} were deleted: they were too old")
    return StreamingResponse(_whole(batch, store), media_type="application/x-jsonl")


@router.post("/{name}/cancel")
async def cancel_batch(request: Request, name: str) -> dict[str, Any]:
    """Cancel what has not begun; what is being answered comes to its end."""
    gateway, store, client = _asked(request)
    if (await _found(store, client, name)).state == "ended":
        raise BadRequest(f"batch {name} has ended: there is nothing to cancel")
    await store.cancel(name, gateway.clock())
    _wake(request)
    return _shown(request, await _found(store, client, name))


@router.delete("/{name}")
async def delete_batch(request: Request, name: str) -> dict[str, Any]:
    """Delete a batch that has ended, and its results."""
    _, store, client = _asked(request)
    if (await _found(store, client, name)).state != "ended":
        raise BadRequest(f"batch {name} has not ended: cancel it before you delete it")
    await store.forget(name)
    return {"id": name, "type": "message_batch_deleted"}


def _asked(request: Request) -> tuple[Gateway, BatchStore, ClientKey | None]:
    """Return who asks for the batches of whom. Raises ``Unauthorized``."""
    gateway: Gateway = request.app.state.gateway
    client = gateway.admit(request.headers)
    return gateway, BatchStore(gateway.database), client


def _wake(request: Request) -> None:
    """Have it looked after at once, whoever does it."""
    runners: tuple[Runner, NativeRunner] = request.app.state.runners
    for runner in runners:
        runner.wake()


async def _found(store: BatchStore, client: ClientKey | None, name: str) -> Batch:
    if batch := await store.find(owner_of(client), name):
        return batch
    raise NotFound(f'no batch "{name}"')


async def _whole(batch: Batch, store: BatchStore) -> AsyncIterator[bytes]:
    """Yield the results, all of them: one deleted meanwhile must not look like a shorter one."""
    left = batch.requests
    async for lines in store.results(batch.id):
        left -= lines.count(b"\n")
        yield lines
    if left:
        raise NotFound(f"batch {batch.id} was deleted while its results were read")


def _shown(request: Request, batch: Batch) -> dict[str, Any]:
    return batch.as_dict(f"{_base(request)}/v1/messages/batches/{batch.id}/results")


def _base(request: Request) -> str:
    """Return what the client's own base URL begins with, as far as it can be seen from here.

    A proxy before us that speaks TLS, or takes a prefix off the path, tells so by headers.
    """
    headers = request.headers
    scheme = _first(headers.get("x-forwarded-proto")) or request.url.scheme
    host = _first(headers.get("x-forwarded-host")) or headers.get("host") or request.url.netloc
    prefix = _first(headers.get("x-forwarded-prefix")).rstrip("/")
    role = request.scope.get(PATH_ROLE, "")
    return f"{scheme}://{host}{prefix}" + (f"/role/{quote(role, safe='')}" if role else "")


def _first(told: str | None) -> str:
    """Return what the proxy has told that is the nearest to the client."""
    return (told or "").partition(",")[0].strip()


def _limit(text: str) -> int:
    """Return how many a page shall hold."""
    short = text.isdecimal() and len(text) <= len(str(_LARGEST_PAGE))
    limit = int(text) if short else 0 if text else _PAGE
    if not 1 <= limit <= _LARGEST_PAGE:
        raise BadRequest(f"limit: must be from 1 to {_LARGEST_PAGE}")
    return limit


async def _chunks(request: Request, most: int) -> AsyncIterator[bytes]:
    """Yield the body as it comes. Raises ``TooLarge`` and ``ClientLeft``."""
    declared = request.headers.get("content-length", "")
    if declared.isdecimal() and int(declared) > most:
        raise TooLarge(f"the batch is larger than {most} bytes")
    if request.headers.get("content-encoding", "identity") != "identity":
        raise BadRequest("a compressed body is not accepted: send it without content-encoding")
    size = 0
    try:
        async with aclosing(request.stream()) as chunks:
            async for chunk in chunks:
                size += len(chunk)
                if size > most:
                    raise TooLarge(f"the batch is larger than {most} bytes")
                yield chunk
    except ClientDisconnect as error:
        raise ClientLeft from error
