"""What a crash leaves behind is swept when a server starts, and nothing that is in use."""

from __future__ import annotations

import asyncio
import os
import time
from pathlib import Path

import pytest
from sqlalchemy import func, insert, select

from haystacks.errors import NotFound
from server.files.files import UNREADY_SECONDS, Files
from server.files.folder import Folder
from server.files.stored import new_id
from server.storage.database import Database, StorageGone
from server.storage.tables import files
from tests.running import make_home, running
from tests.server.files.uploading import ANTHROPIC, END, KIND, left, part, until, upload
from tests.standin import refused_url


async def test_a_start_removes_the_spools_of_crashed_uploads_and_no_other(tmp_path: Path) -> None:
    home = make_home(tmp_path, refused_url())
    incoming = home / "state/files/incoming"
    incoming.mkdir(parents=True)
    for name, age in (("crashed", UNREADY_SECONDS + 60), ("arriving", 60.0)):
        (incoming / name).write_bytes(b"half a fi")
        os.utime(incoming / name, (time.time() - age,) * 2)
    async with running(home) as proxy, proxy.client(**ANTHROPIC) as client:
        stored = await upload(client, b"hello")
        await until(lambda: left(home) == ["arriving", stored])


async def test_a_start_removes_what_was_never_finished_or_half_deleted(tmp_path: Path) -> None:
    home = make_home(tmp_path, refused_url())
    now = time.time()
    async with running(home) as proxy, proxy.client(**ANTHROPIC) as client:
        kept = await upload(client, b"hello")
    ages = {new_id(now - age): age for age in (UNREADY_SECONDS + 60, 60.0)}
    database = Database(f"sqlite:///{home / 'state/rolegraph.db'}")
    for file_id, age in ages.items():
        (home / "state/files" / file_id).write_bytes(b"unready")
        async with database.writing() as connection:
            row = {"owner": "", "name": "a", "mime": "text/plain", "size": 7, "ready": False}
            await connection.execute(
                insert(files).values(id=file_id, created=now - age, expires=None, **row)
            )
    await database.close()
    old, young = ages
    async with running(home) as proxy, proxy.client(**ANTHROPIC) as client:
        listed = (await client.get("/v1/files")).json()["data"]
        assert [file["id"] for file in listed] == [kept]
        await until(lambda: left(home) == sorted([kept, young]))
        assert (await client.get(f"/v1/files/{old}")).status_code == 404


async def test_what_has_expired_is_swept_with_its_content(tmp_path: Path) -> None:
    home = make_home(tmp_path, refused_url())
    now = [2_000_000_000.0]
    field = b'--limit\r\ncontent-disposition: form-data; name="expires_in_seconds"\r\n\r\n3600\r\n'
    async with running(home, clock=lambda: now[0]) as proxy, proxy.client(**ANTHROPIC) as client:
        lasting = await upload(client, b"hello")
        await client.post("/v1/files", content=part(b"short") + field + END, headers=KIND)
        assert len(left(home)) == 2
    now[0] += 3600
    async with running(home, clock=lambda: now[0]):
        await until(lambda: left(home) == [lasting])


class Stuck(Folder):
    """Keeps what it is given, and never says so; or can't remove."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.reached = asyncio.Event()
        self.away = False

    async def keep(self, name: str, path: Path) -> None:
        await super().keep(name, path)
        self.reached.set()
        await asyncio.Event().wait()

    async def remove(self, name: str) -> None:
        if self.away:
            raise StorageGone("away")
        await super().remove(name)


@pytest.fixture
def blobs(tmp_path: Path) -> Stuck:
    return Stuck(tmp_path / "files")


async def receive_one() -> dict[str, object]:
    return {"type": "http.request", "body": part(b"hello") + END, "more_body": False}


async def count(database: Database) -> int:
    async with database.reading() as connection:
        rows: int = (await connection.execute(select(func.count()).select_from(files))).scalar_one()
        return rows


async def test_an_upload_that_is_cancelled_is_seen_by_nobody_and_leaves_nothing(
    tmp_path: Path, blobs: Stuck
) -> None:
    database = Database(f"sqlite:///{tmp_path / 'db'}")
    kept = Files(database, blobs, tmp_path / "incoming", time.time)
    storing = asyncio.create_task(kept.receive("me", receive_one, KIND, 1000))
    await blobs.reached.wait()
    assert await count(database) == 1
    storing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await storing
    assert await count(database) == 0
    assert [path for path in tmp_path.rglob("*") if path.is_file() and "db" not in path.name] == []
    await database.close()


async def test_a_deleted_file_is_gone_though_its_content_can_only_be_removed_later(
    tmp_path: Path, blobs: Stuck
) -> None:
    database, now = Database(f"sqlite:///{tmp_path / 'db'}"), [time.time()]
    plain = Files(database, Folder(tmp_path / "files"), tmp_path / "incoming", lambda: now[0])
    stored = await plain.receive("me", receive_one, KIND, 1000)
    kept = Files(database, blobs, tmp_path / "incoming", lambda: now[0])
    blobs.away = True
    await kept.remove("me", stored.id)
    with pytest.raises(NotFound):
        await kept.find("me", stored.id)
    assert (tmp_path / "files" / stored.id).exists()
    blobs.away, now[0] = False, now[0] + UNREADY_SECONDS + 1
    await kept.sweep()
    assert not (tmp_path / "files" / stored.id).exists()
    assert await count(database) == 0
    await database.close()
