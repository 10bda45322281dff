"""Uploads by hand, and what they leave in a state folder."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import httpx

# OpenAI has files at the same path: a client's headers tell whose are meant.
ANTHROPIC = {"anthropic-version": "2023-06-01"}
KIND = {**ANTHROPIC, "content-type": "multipart/form-data; boundary=limit"}
END = b"--limit--\r\n"


def part(data: bytes, name: str = "a.txt", kind: str = "text/plain", field: str = "file") -> bytes:
    """Return one part that is a file."""
    head = f'content-disposition: form-data; name="{field}"; filename="{name}"\r\n'
    return f"--limit\r\n{head}content-type: {kind}\r\n\r\n".encode() + data + b"\r\n"


async def upload(
    client: httpx.AsyncClient, data: bytes, name: str = "a.txt", kind: str = "text/plain"
) -> str:
    """Upload a file and return its id."""
    answer = await client.post("/v1/files", content=part(data, name, kind) + END, headers=KIND)
    assert answer.status_code == 200, answer.text
    file_id: str = answer.json()["id"]
    return file_id


def left(home: Path) -> list[str]:
    """Return the names of all contents, whole or not, in the state of a home."""
    return sorted(path.name for path in (home / "state/files").rglob("*") if path.is_file())


async def until(condition: Callable[[], bool]) -> None:
    """Wait for what the disk will show; it tells nobody."""
    async with asyncio.timeout(5):
        while not condition():
            await asyncio.sleep(0.005)
