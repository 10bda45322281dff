"""Takes a batch in: request by request as it comes, and promised as a whole at its end."""

from __future__ import annotations

from asyncio import to_thread
from collections.abc import AsyncIterable, Mapping
from typing import Any, Final

import orjson

from haystacks.errors import BadRequest, NotFound, TooLarge
from roles.resolve import resolve_role
from server.batches.batch import Batch, new_id
from server.batches.body import requests_of
from server.batches.entry import ROLE, read_entry
from server.batches.plan import Plan
from server.batches.store import BatchStore
from server.exchange import LARGE_BYTES
from server.gateway import Gateway
from server.keys import ClientKey, owner_of

MOST_REQUESTS: Final = 100_000

# Bytes of requests that are in memory before they go to the database.
_PORTION: Final = 1024 * 1024

# A hint for the batch itself; its requests are plain ones.
_BATCH_BETA: Final = "message-batches-"


async def submit(
    gateway: Gateway,
    store: BatchStore,
    chunks: AsyncIterable[bytes],
    *,
    client: ClientKey | None,
    role: str,
    headers: Mapping[str, str],
) -> tuple[Batch, Plan]:
    """Return the new batch: when this returns, all of it will be worked on, come what may.

    The plan says who does. ``role`` is for the requests that name none. Raises
    ``BadRequest`` for the first thing that is wrong, and then nothing of it is kept.
    """
    now, owner, kept = gateway.clock(), owner_of(client), _kept(headers)
    batch = Batch(
        id=new_id(),
        owner=owner,
        state="receiving",
        headers=orjson.dumps(kept).decode(),
        created=now,
        expires=now + gateway.settings.batch_hours * 3600,
    )
    _check_role(gateway, role)
    plan = Plan(gateway, client, kept)
    await store.receive(batch)
    try:
        requests = await _bring(gateway, store, batch.id, chunks, role, plan)
        await store.accept(batch.id, requests, plan.native)
    except BaseException:
        await store.forget(batch.id)
        raise
    found = await store.find(owner, batch.id)
    return found or batch, plan


async def _bring(
    gateway: Gateway,
    store: BatchStore,
    batch: str,
    chunks: AsyncIterable[bytes],
    role: str,
    plan: Plan,
) -> list[dict[str, Any]]:
    """Store what each request asks, and return the rows that stand for them."""
    requests: list[dict[str, Any]] = []
    known: set[str] = set()
    roles: set[str] = set()
    bodies: list[dict[str, Any]] = []
    size = 0
    longest = gateway.settings.max_body
    async for each in requests_of(chunks, longest):
        number = len(requests)
        if number == MOST_REQUESTS:
            raise BadRequest(f"requests: List should have at most {MOST_REQUESTS} items")
        entry = read_entry(each, number, known)
        if len(entry.body) > longest:
            raise TooLarge(f"requests.{number}.params: larger than {longest} bytes")
        if entry.role and entry.role not in roles:
            _check_role(gateway, entry.role, f"requests.{number}.params.metadata.{ROLE}: ")
            roles.add(entry.role)
        known.add(entry.custom_id)
        asked = entry.role or role
        large = len(entry.body) > LARGE_BYTES
        name, model = (
            await to_thread(plan.add, entry.body, asked) if large else plan.add(entry.body, asked)
        )
        requests.append(
            {"number": number, "custom_id": entry.custom_id, "role": name, "model": model}
        )
        bodies.append({"number": number, "body": entry.body})
        size += len(entry.body)
        if size >= _PORTION:
            await store.bring(batch, bodies)
            bodies, size = [], 0
    if not requests:
        raise BadRequest("requests: List should have at least 1 item")
    if bodies:
        await store.bring(batch, bodies)
    return requests


def _check_role(gateway: Gateway, role: str, place: str = "") -> None:
    """Raise ``NotFound`` for a name that no role has."""
    if not role:
        return
    try:
        resolve_role((role,), gateway.snapshot.roles, selected="", matches=lambda _: 0)
    except NotFound as unknown:
        raise NotFound(f"{place}{unknown.message}") from unknown


def _kept(headers: Mapping[str, str]) -> dict[str, str]:
    """Return the headers that the requests need; a key is none of them."""
    kept = {name: text for name, text in headers.items() if name.startswith("anthropic-")}
    betas = [each.strip() for each in kept.pop("anthropic-beta", "").split(",")]
    if betas := [each for each in betas if each and not each.startswith(_BATCH_BETA)]:
        kept["anthropic-beta"] = ",".join(betas)
    return kept
