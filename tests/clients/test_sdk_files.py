"""Anthropic's SDK stores, lists, reads and deletes files as it does at Anthropic."""

from __future__ import annotations

import asyncio
import base64
import io
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import anthropic
import pytest

from tests.clients.picture import BASE64
from tests.clients.proxied import proxied
from tests.running import make_home, running
from tests.standin import Answer, refused_url

pytestmark = pytest.mark.client

BETAS = ["files-api-2025-04-14"]
UNKNOWN = "file_011CNha8iCJcU1wXNR6q4V8w"


@asynccontextmanager
async def storing(folder: Path) -> AsyncIterator[anthropic.AsyncAnthropic]:
    """Yield the SDK's client of a proxy that no provider stands behind."""
    async with (
        running(make_home(folder, refused_url())) as proxy,
        anthropic.AsyncAnthropic(base_url=proxy.url, api_key="k", max_retries=0) as client,
    ):
        yield client


async def test_what_is_uploaded_is_described_read_and_deleted(tmp_path: Path) -> None:
    async with storing(tmp_path) as client:
        files = client.beta.files
        stored = await files.upload(file=b"Example data", betas=BETAS)
        assert (stored.type, stored.filename, stored.mime_type) == (
            "file",
            "unnamed.txt",
            "text/plain",
        )
        assert (stored.size_bytes, stored.downloadable, stored.expires_at) == (12, True, None)
        assert abs(stored.created_at - datetime.now(UTC)) < timedelta(minutes=1)
        assert await files.retrieve_metadata(stored.id, betas=BETAS) == stored
        content = await files.download(stored.id, betas=BETAS)
        assert await content.read() == b"Example data"
        deleted = await files.delete(stored.id, betas=BETAS)
        assert (deleted.id, deleted.type) == (stored.id, "file_deleted")
        for call in (files.retrieve_metadata, files.download, files.delete):
            with pytest.raises(anthropic.NotFoundError, match=stored.id):
                await call(stored.id)


@pytest.mark.parametrize(
    ("name", "kept"),
    [('a "b".txt', 'a "b".txt'), ("größe 日本.txt", "größe 日本.txt"), ("a\nb", "ab")],
)
async def test_a_file_keeps_its_name(tmp_path: Path, name: str, kept: str) -> None:
    async with storing(tmp_path) as client:
        stored = await client.beta.files.upload(file=(name, b"Example data"))
    assert stored.filename == kept


async def test_every_way_to_name_a_file_is_understood(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_text("a,b\n1,2\n")
    opened = io.BytesIO(b"{}")
    opened.name = "data.json"
    async with storing(tmp_path / "home") as client:
        upload = client.beta.files.upload
        told = [
            await upload(file=path),
            await upload(file=opened),
            await upload(file=("Ø €.txt", b"hello", "text/plain")),
            await upload(file=("../../etc/passwd", b"root", "text/plain")),
            await upload(file=b"%PDF-1.7"),
        ]
    assert [(file.filename, file.mime_type) for file in told] == [
        ("table.csv", "text/csv"),
        ("data.json", "application/json"),
        ("Ø €.txt", "text/plain"),
        ("passwd", "text/plain"),
        ("unnamed.pdf", "application/pdf"),
    ]


@pytest.mark.parametrize("size", [1, 2, 5, 1000])
async def test_a_list_is_whole_whatever_the_size_of_a_page(tmp_path: Path, size: int) -> None:
    async with storing(tmp_path) as client:
        files = client.beta.files
        stored = [(await files.upload(file=b"x")).id for _ in range(5)]
        assert [file.id async for file in files.list(limit=size)] == stored[::-1]
        some = await files.list(ids=[stored[1], stored[3], UNKNOWN])
        assert {file.id for file in some.data} == {stored[1], stored[3]}
        assert (await files.list(scope_id="session")).data == []
        left = [file.id async for file in files.list(limit=size) if await files.delete(file.id)]
        assert left == stored[::-1]
        assert (await files.list()).data == []


async def test_older_sdks_page_by_ids_in_both_directions(tmp_path: Path) -> None:
    async with storing(tmp_path) as client:
        stored = [(await client.beta.files.upload(file=b"x")).id for _ in range(4)]
        newest = stored[::-1]

        async def page(**query: object) -> dict[str, Any]:
            answer: dict[str, Any] = await client.get(
                "/v1/files", cast_to=dict[str, Any], options={"params": query}
            )
            answer["data"] = [file["id"] for file in answer["data"]]
            return answer

        first = await page(limit=2)
        assert (first["data"], first["has_more"]) == (newest[:2], True)
        assert (first["first_id"], first["last_id"]) == (newest[0], newest[1])
        second = await page(limit=2, after_id=first["last_id"])
        assert (second["data"], second["has_more"]) == (newest[2:], False)
        back = await page(limit=1, before_id=second["first_id"])
        assert (back["data"], back["has_more"]) == ([newest[1]], True)
        with pytest.raises(anthropic.BadRequestError, match="limit"):
            await page(limit=0)


async def test_a_file_expires_when_it_should(tmp_path: Path) -> None:
    now = [1_800_000_000.0]
    home = make_home(tmp_path, refused_url())
    async with (
        running(home, clock=lambda: now[0]) as proxy,
        anthropic.AsyncAnthropic(base_url=proxy.url, api_key="k", max_retries=0) as client,
    ):
        stored = await client.beta.files.upload(file=b"x", expires_in_seconds=3600)
        assert stored.expires_at == datetime.fromtimestamp(now[0] + 3600, UTC)
        now[0] += 3599
        await client.beta.files.download(stored.id)
        now[0] += 1
        with pytest.raises(anthropic.NotFoundError):
            await client.beta.files.download(stored.id)
        with pytest.raises(anthropic.BadRequestError, match="expires_in_seconds"):
            await client.beta.files.upload(file=b"x", expires_in_seconds=60)


async def test_what_is_refused_is_the_sdks_own_error(tmp_path: Path) -> None:
    home = make_home(tmp_path, refused_url())
    async with (
        running(home, files_max_bytes=1_000_000) as proxy,
        anthropic.AsyncAnthropic(base_url=proxy.url, api_key="k", max_retries=0) as client,
    ):
        upload = client.beta.files.upload
        # It is told before all of it is sent, and the client reads that.
        with pytest.raises(anthropic.APIStatusError, match="larger than 1000000 bytes") as large:
            await upload(file=b"x" * 30_000_000)
        assert large.value.status_code == 413
        with pytest.raises(anthropic.BadRequestError, match="declared as image/png"):
            await upload(file=("a.png", b"no picture", "image/png"))
        with pytest.raises(anthropic.BadRequestError, match="the file is empty"):
            await upload(file=b"")
        assert (await client.beta.files.list()).data == []


async def test_the_sync_client_and_the_calls_without_beta_work_too(tmp_path: Path) -> None:
    def use(url: str) -> bytes:
        with anthropic.Anthropic(base_url=url, api_key="k", max_retries=0) as client:
            stored = client.files.upload(file=("a.txt", b"hello"))
            assert [file.id for file in client.beta.files.list()] == [stored.id]
            assert client.files.retrieve_metadata(stored.id).filename == "a.txt"
            with client.beta.files.with_streaming_response.download(stored.id) as answer:
                data = b"".join(answer.iter_bytes())
            assert client.files.delete(stored.id).type == "file_deleted"
            return data

    async with running(make_home(tmp_path, refused_url())) as proxy:
        assert await asyncio.to_thread(use, proxy.url) == b"hello"


@pytest.mark.parametrize("dialect", ["anthropic", "openai_chat", "gemini"])
async def test_a_message_may_name_its_files(tmp_path: Path, dialect: str) -> None:
    async with (
        proxied(tmp_path, [Answer(text="seen")], dialect) as (proxy, upstream),
        anthropic.AsyncAnthropic(base_url=proxy.url, api_key="k", max_retries=0) as client,
    ):
        image = await client.beta.files.upload(file=("a.png", base64.b64decode(BASE64)))
        notes = await client.beta.files.upload(file=("a.txt", b"the notes"))
        message = await client.beta.messages.create(
            model="auto",
            max_tokens=64,
            betas=BETAS,
            messages=[
                {
                    "role": "user",
                    "content": [
                        {"type": "image", "source": {"type": "file", "file_id": image.id}},
                        {"type": "document", "source": {"type": "file", "file_id": notes.id}},
                        {"type": "text", "text": "What is this?"},
                    ],
                }
            ],
        )
    assert [block.text for block in message.content if block.type == "text"] == ["seen"]
    sent = upstream.requests[0].raw.decode()
    assert BASE64 in sent
    assert "the notes" in sent
    assert "file_id" not in sent
