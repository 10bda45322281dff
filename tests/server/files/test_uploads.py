"""An upload that is not what it should be gets a clear answer, and leaves nothing behind."""

from __future__ import annotations

import asyncio
import resource
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.running import Running, make_home, running
from tests.server.files.uploading import ANTHROPIC, END, KIND, left, part, until, upload
from tests.standin import refused_url

MIB = 1024 * 1024


PURPOSE = b'--limit\r\ncontent-disposition: form-data; name="purpose"\r\n\r\nx\r\n'
WRONG = [
    (part(b"hello") * 2 + END, "more than one file"),
    (part(b"hello"), "ends before its last boundary"),
    (part(b"x" * 3 * MIB)[: 2 * MIB], "ends before its last boundary"),
    (b"--another\r\n\r\nhello\r\n--another--\r\n", "no multipart form"),
    (END, 'no part named "file"'),
    (b"", "ends before its last boundary"),
    (part(b"") + END, "the file is empty"),
    (part(b"hello", field="other") + END, 'must be the part named "file"'),
    (part(b"hello", kind="image/png") + END, "declared as image/png"),
    (part(b"\x89PNG\r\n\x1a\n", kind="application/pdf") + END, "its bytes are image/png"),
    (part(b"\0" * 3 * MIB) + END, "declared as text/plain"),
    (part(b"hello", name="..") + END, "can't be named"),
    (PURPOSE + END, 'no part named "file"'),
    (part(b"x") + PURPOSE + END, 'no field "purpose"'),
]


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[Running]:
    async with running(make_home(tmp_path, refused_url()), files_max_bytes=8 * MIB) as proxy:
        yield proxy


async def test_what_is_wrong_is_said_and_nothing_is_kept(server: Running) -> None:
    async with server.client(**ANTHROPIC) as client:
        for body, message in WRONG:
            answer = await client.post("/v1/files", content=body, headers=KIND)
            assert answer.status_code == 400, message
            assert message in answer.json()["error"]["message"]
        assert (await client.get("/v1/files")).json()["data"] == []
    assert left(server.home) == []


async def test_a_file_too_large_is_refused_by_its_length_and_by_its_bytes(server: Running) -> None:
    for length in (b"content-length: 99999999\r\n\r\n", b"transfer-encoding: chunked\r\n\r\n"):
        reader, writer = await connect(server)
        writer.write(head(length))
        if b"chunked" in length:
            for piece in (part(b"x")[:-2], *([b"x" * MIB] * 9)):
                writer.write(b"%x\r\n%b\r\n" % (len(piece), piece))
        assert b" 413 " in await reader.readline()
        writer.close()
    assert left(server.home) == []


async def test_a_client_that_leaves_in_the_midst_leaves_nothing(server: Running) -> None:
    incoming = server.home / "state/files/incoming"
    _, writer = await connect(server)
    writer.write(head(b"content-length: 6000000\r\n\r\n") + part(b"x" * 3 * MIB)[:-2])
    await until(lambda: any(incoming.glob("*")))
    writer.transport.abort()
    await until(lambda: not any(incoming.glob("*")))
    async with server.client(**ANTHROPIC) as client:
        assert (await client.get("/v1/files")).json()["data"] == []


async def test_a_disk_that_is_full_is_a_503_and_serves_again_when_it_is_not(
    server: Running,
) -> None:
    whole = part(b"x" * 4 * MIB) + END
    async with server.client(**ANTHROPIC) as client:
        with files_of_at_most(2 * MIB):
            answer = await client.post("/v1/files", content=whole, headers=KIND)
        assert answer.status_code == 503
        assert "can't be used now" in answer.json()["error"]["message"]
        assert left(server.home) == []
        assert (await client.get("/v1/files")).json()["data"] == []
        assert (await client.post("/v1/files", content=whole, headers=KIND)).status_code == 200


async def test_contents_that_can_not_be_reached_are_a_503(server: Running) -> None:
    async with server.client(**ANTHROPIC) as client:
        stored = await upload(client, b"hello")
        folder = server.home / "state/files"
        folder.rename(folder.with_name("away"))
        folder.write_text("no folder")
        answers = [
            await client.get(f"/v1/files/{stored}/content"),
            await client.post("/v1/files", content=part(b"x") + END, headers=KIND),
        ]
        assert [answer.status_code for answer in answers] == [503, 503]
        folder.unlink()
        folder.with_name("away").rename(folder)
        assert (await client.get(f"/v1/files/{stored}/content")).text == "hello"
        assert len((await client.get("/v1/files")).json()["data"]) == 1


async def test_no_database_is_a_503_and_leaves_no_content(tmp_path: Path) -> None:
    home = make_home(tmp_path, refused_url())
    (home / "state").mkdir()
    (home / "state/rolegraph.db").mkdir()
    async with running(home) as proxy, proxy.client(**ANTHROPIC) as client:
        answer = await client.post("/v1/files", content=part(b"x") + END, headers=KIND)
        assert answer.status_code == 503
        assert (await client.get("/v1/files")).status_code == 503
    assert left(home) == []


@contextmanager
def files_of_at_most(size: int) -> Iterator[None]:
    """Let no file grow beyond a size: the kernel refuses to write on, as on a full disk."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


async def connect(server: Running) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    port = int(server.url.rpartition(":")[2])
    return await asyncio.open_connection("127.0.0.1", port)


def head(rest: bytes) -> bytes:
    kind = KIND["content-type"].encode()
    return (
        b"POST /v1/files HTTP/1.1\r\nhost: localhost\r\nx-api-key: k\r\ncontent-type: %b\r\n%b"
        % (
            kind,
            rest,
        )
    )
