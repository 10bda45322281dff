"""Batches as a client sends them, and waits for them."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import orjson

from tests.running import user

Json = dict[str, Any]

PATH = "/v1/messages/batches"


def entries(*texts: str, **more: Any) -> list[Json]:
    """Return requests with the ids id-0, id-1 and so on; ``more`` goes into each one's params."""
    return [
        {"custom_id": f"id-{number}", "params": user(text, **more)}
        for number, text in enumerate(texts)
    ]


async def sent(client: httpx.AsyncClient, requests: Sequence[Json], **headers: str) -> Json:
    """Send a batch that is accepted."""
    answer = await client.post(PATH, json={"requests": requests}, headers=headers)
    assert answer.status_code == 200, answer.text
    batch: Json = answer.json()
    return batch


async def seen(client: httpx.AsyncClient, batch: Json) -> Json:
    """Return the batch as it is now; its counts always add up."""
    answer = await client.get(f"{PATH}/{batch['id']}")
    assert answer.status_code == 200, answer.text
    now: Json = answer.json()
    before, after = batch["request_counts"], now["request_counts"]
    assert sum(before.values()) == sum(after.values())
    return now


async def ended(client: httpx.AsyncClient, batch: Json) -> Json:
    """Return the batch once it has ended."""
    async with asyncio.timeout(20):
        while batch["processing_status"] != "ended":
            await asyncio.sleep(0.01)
            batch = await seen(client, batch)
    return batch


async def results(client: httpx.AsyncClient, batch: Json) -> dict[str, Json]:
    """Return the results of an ended batch by their ids."""
    answer = await client.get(batch["results_url"])
    assert answer.status_code == 200, answer.text
    lines = [orjson.loads(line) for line in answer.content.splitlines()]
    found = {line["custom_id"]: line["result"] for line in lines}
    assert len(found) == len(lines)
    return found


async def stored(home: Path, question: str) -> None:
    """Return once the home's own database answers a question with yes."""
    async with asyncio.timeout(10):
        while not asked(home, question):
            await asyncio.sleep(0.01)


def asked(home: Path, question: str) -> int:
    """Return the number that the home's own database answers with."""
    with closing(sqlite3.connect(home / "state" / "rolegraph.db")) as connection:
        return int(connection.execute(question).fetchone()[0])
