"""Several processes with one PostgreSQL and one storage have one set of files."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from haystacks.errors import NotFound
from server.files.files import Files
from server.files.folder import Folder
from server.files.page import Asked
from server.storage.database import Database
from tests.postgres_server import needs_postgres, postgres_server
from tests.server.files.uploading import END, KIND, part


async def receive_one() -> dict[str, object]:
    return {"type": "http.request", "body": part(b"hello") + END, "more_body": False}


@needs_postgres
async def test_what_one_process_stores_another_serves_and_removes(tmp_path: Path) -> None:
    with postgres_server() as postgres:
        databases = Database(postgres.url), Database(postgres.url)
        first, second = (
            Files(each, Folder(tmp_path / "files"), tmp_path / "incoming", time.time)
            for each in databases
        )
        stored = [await first.receive("me", receive_one, KIND, 1000) for _ in range(3)]
        stored.reverse()
        page, more = await second.page("me", Asked(limit=2))
        assert (page, more) == (stored[:2], True)
        assert await second.page("me", Asked(limit=2, after=page[-1].id)) == (stored[2:], False)
        assert await second.page("me", Asked(limit=1, before=stored[2].id)) == ([stored[1]], True)
        assert await second.page("you", Asked()) == ([], False)
        assert [piece async for piece in second.content(stored[0])] == [b"hello"]
        await second.remove("me", stored[0].id)
        with pytest.raises(NotFound):
            await first.find("me", stored[0].id)
        await first.sweep()
        assert await first.known("me", [each.id for each in stored]) == stored[1:]
        for each in databases:
            await each.close()
