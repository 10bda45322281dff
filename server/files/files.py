"""The files of all clients: rows in the database, contents beside it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Collection, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

import structlog
from sqlalchemy import delete, insert
from starlette.types import Receive

from haystacks.errors import NotFound
from server.files.blobs import Blobs
from server.files.page import Asked
from server.files.spool import sweep
from server.files.stored import StoredFile, given_up, new_id, of_owner, stored, turn_ready
from server.files.upload import Upload, received
from server.storage.database import Database, StorageGone
from server.storage.tables import files

log = structlog.get_logger("rolegraph")

# No upload to the storage, and no pause between two blocks of a client's, takes as long.
UNREADY_SECONDS: Final = 3_600.0
SWEEP_SECONDS: Final = 3_600.0


class Files:
    """Adds, shows and removes files; an owner sees none but its own.

    A row comes before its content and goes after it, so that a content without a
    row can't be; the row is ``ready`` in between. What a crash leaves unready is
    swept. All raise ``StorageGone`` where the database or the contents can't be reached.
    """

    def __init__(
        self, database: Database, blobs: Blobs, incoming: Path, clock: Callable[[], float]
    ) -> None:
        self._database = database
        self._blobs = blobs
        self._incoming = incoming
        self._clock = clock

    async def receive(
        self, owner: str, receive: Receive, headers: Mapping[str, str], limit: int
    ) -> StoredFile:
        """Store what a request uploads. Raises ``BadRequest``, ``TooLarge`` and ``ClientLeft``."""
        async with received(receive, headers, self._incoming, limit) as upload:
            return await self._add(owner, upload)

    async def find(self, owner: str, file_id: str) -> StoredFile:
        """Return a file. Raises ``NotFound``, also for another owner's."""
        found = await self.known(owner, [file_id])
        if not found:
            raise NotFound(f"there is no file {file_id}")
        return found[0]

    async def known(self, owner: str, ids: Collection[str]) -> list[StoredFile]:
        """Return those of the ids that the owner has, the newest first."""
        query = of_owner(owner, self._clock()).where(files.c.id.in_(ids))
        async with self._database.reading() as connection:
            rows = (await connection.execute(query.order_by(files.c.id.desc()))).all()
        return stored(rows)

    async def page(self, owner: str, asked: Asked) -> tuple[list[StoredFile], bool]:
        """Return one page, the newest first, and whether there is more in its direction.

        A page begins where its id would stand: it may have been deleted meanwhile.
        """
        query, order = of_owner(owner, self._clock()), files.c.id.desc()
        if asked.after:
            query = query.where(files.c.id < asked.after)
        elif asked.before:
            query, order = query.where(files.c.id > asked.before), files.c.id.asc()
        async with self._database.reading() as connection:
            rows = (await connection.execute(query.order_by(order).limit(asked.limit + 1))).all()
        found = stored(rows[: asked.limit])
        if asked.before and not asked.after:
            found.reverse()
        return found, len(rows) > asked.limit

    def content(self, file: StoredFile) -> AsyncIterator[bytes]:
        """Yield the content of a file."""
        return self._blobs.pieces(file.id)

    async def remove(self, owner: str, file_id: str) -> None:
        """Remove a file. Raises ``NotFound``; when this returns, nobody sees it any more."""
        await self.find(owner, file_id)
        async with self._database.writing() as connection:
            await connection.execute(turn_ready(file_id, ready=False))
        try:
            await self._end(file_id)
        except StorageGone as error:
            log.warning("the content of a deleted file is removed later", error=error.message)

    async def sweep(self) -> None:
        """Remove what has expired, and what a crash has left behind."""
        await asyncio.to_thread(sweep, self._incoming, UNREADY_SECONDS)
        query = given_up(self._clock(), UNREADY_SECONDS)
        async with self._database.reading() as connection:
            ids = (await connection.execute(query)).scalars().all()
        for file_id in ids:
            await self._end(file_id)

    async def keep_swept(self) -> None:
        """Sweep now, and then every hour; what can't be reached waits for the next time."""
        while True:
            try:
                await self.sweep()
            except (StorageGone, OSError) as error:
                log.warning("files are not swept now", error=str(error))
            await asyncio.sleep(SWEEP_SECONDS)

    async def _add(self, owner: str, upload: Upload) -> StoredFile:
        now = self._clock()
        file = StoredFile(
            id=new_id(now),
            owner=owner,
            name=upload.name,
            mime=upload.mime,
            size=upload.size,
            created=now,
            expires=now + upload.lasts if upload.lasts else None,
        )
        async with self._begun(file):
            await self._blobs.keep(file.id, upload.path)
            async with self._database.writing() as connection:
                shown = await connection.execute(turn_ready(file.id, ready=True))
            if not shown.rowcount:
                raise StorageGone("the upload took too long, and was given up")
        return file

    @asynccontextmanager
    async def _begun(self, file: StoredFile) -> AsyncIterator[None]:
        """Have a row that nobody sees yet; it goes again with what fails inside."""
        row = {
            "id": file.id,
            "owner": file.owner,
            "name": file.name,
            "mime": file.mime,
            "size": file.size,
            "created": file.created,
            "expires": file.expires,
            "ready": False,
        }
        async with self._database.writing() as connection:
            await connection.execute(insert(files).values(row))
        try:
            yield
        except BaseException:
            try:
                await self._end(file.id)
            except StorageGone as error:
                log.warning("what is left of an upload is removed later", error=error.message)
            raise

    async def _end(self, file_id: str) -> None:
        """Remove a content, and then its row."""
        await self._blobs.remove(file_id)
        async with self._database.writing() as connection:
            await connection.execute(delete(files).where(files.c.id == file_id))
