"""Contents of files are kept alike in a folder and in a bucket."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from server.files.blobs import Blobs, open_blobs
from server.storage.database import StorageGone
from tests.running import make_home, running
from tests.server.files.s3_server import BUCKET, S3Server, s3_server
from tests.server.files.uploading import ANTHROPIC, left, upload
from tests.server.program import invoke
from tests.standin import refused_url

MIB = 1024 * 1024
LARGE = bytes(range(256)) * (11 * MIB // 256) + b"end"


@pytest.fixture(scope="module")
def s3() -> Iterator[S3Server]:
    with s3_server() as server:
        yield server


@pytest.fixture(params=["folder", "s3"])
def blobs(request: pytest.FixtureRequest, tmp_path: Path) -> Blobs:
    if request.param == "folder":
        return open_blobs("", tmp_path / "files", {})
    server: S3Server = request.getfixturevalue("s3")
    return open_blobs(f"s3://{BUCKET}/pre/fix", tmp_path, server.environ)


async def read(blobs: Blobs, name: str) -> list[bytes]:
    return [piece async for piece in blobs.pieces(name)]


@pytest.mark.parametrize("data", [b"hello", LARGE], ids=["small", "large"])
async def test_what_is_kept_is_read_in_pieces_and_removed(
    blobs: Blobs, tmp_path: Path, data: bytes
) -> None:
    path = tmp_path / "finished"
    path.write_bytes(data)
    await blobs.keep("file_1", path)
    pieces = await read(blobs, "file_1")
    assert b"".join(pieces) == data
    assert max(map(len, pieces)) < 8 * MIB
    await blobs.remove("file_1")
    await blobs.remove("file_1")
    with pytest.raises(StorageGone):
        await read(blobs, "file_1")


async def test_what_is_not_there_is_kept_by_nobody(blobs: Blobs, tmp_path: Path) -> None:
    with pytest.raises(StorageGone):
        await blobs.keep("file_2", tmp_path / "none")
    with pytest.raises(StorageGone):
        await read(blobs, "file_2")


async def test_a_whole_server_keeps_its_files_in_a_bucket(tmp_path: Path, s3: S3Server) -> None:
    home = make_home(tmp_path, refused_url())
    url = f"s3://{BUCKET}/home"
    async with (
        running(home, environ={"TEST_KEY": "k", **s3.environ}, blobs=url) as proxy,
        proxy.client(**ANTHROPIC) as client,
    ):
        stored = await upload(client, b"kept elsewhere")
        assert left(home) == []
        assert (await client.get(f"/v1/files/{stored}/content")).content == b"kept elsewhere"
        assert (await client.delete(f"/v1/files/{stored}")).status_code == 200
        again = open_blobs(url, tmp_path, s3.environ)
        with pytest.raises(StorageGone):
            await read(again, stored)


async def test_a_bucket_that_can_not_be_reached_is_a_503(tmp_path: Path, s3: S3Server) -> None:
    home = make_home(tmp_path, refused_url())
    gone = {**s3.environ, "AWS_ENDPOINT_URL": refused_url(), "TEST_KEY": "k"}
    async with (
        running(home, environ=gone, blobs=f"s3://{BUCKET}") as proxy,
        proxy.client(**ANTHROPIC) as client,
    ):
        with pytest.raises(AssertionError, match="the storage of files can't be used now"):
            await upload(client, b"hello")
        assert (await client.get("/v1/files")).json()["data"] == []
    assert left(home) == []


@pytest.mark.parametrize("url", ["file:///tmp", "s3://", "gs://bucket", "bucket"])
def test_another_storage_is_refused(tmp_path: Path, url: str) -> None:
    with pytest.raises(ValueError, match="s3://bucket/prefix"):
        open_blobs(url, tmp_path, {})


def test_a_bucket_without_its_extra_is_told_at_the_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = make_home(tmp_path, refused_url())
    monkeypatch.setitem(sys.modules, "obstore", None)
    ended = invoke("serve", "--home", str(home), cwd=tmp_path, ROLEGRAPH_BLOBS="s3://bucket")
    assert ended.returncode == 1
    assert ended.stderr == "ROLEGRAPH_BLOBS: s3:// needs an extra: pip install 'rolegraph[s3]'\n"
