"""A large file goes to the disk while it arrives, and comes back as it is read."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.running import make_home
from tests.server.files.uploading import ANTHROPIC
from tests.server.program import Started, started
from tests.standin import refused_url

MIB = 1024 * 1024
# Ten seconds for what is promised; machines that test every change are asked for less.
SIZE = (100 if os.environ.get("CI") else 500) * MIB
GROWTH = 50 * MIB
HEAD = (
    b'--limit\r\ncontent-disposition: form-data; name="file"; filename="large.bin"\r\n'
    b"content-type: application/octet-stream\r\n\r\n"
)
TAIL = b"\r\n--limit--\r\n"
BLOCK = b"\xff\x00\r\n--limi" * (MIB // 10) + b"\xff" * (MIB % 10)


def form() -> Iterator[bytes]:
    yield HEAD
    for _ in range(SIZE // MIB):
        yield BLOCK
    yield TAIL


class Memory:
    """Of a process: the most that was resident since this was made, in bytes."""

    def __init__(self, server: Started) -> None:
        self._folder = Path(f"/proc/{server.process.pid}")
        (self._folder / "clear_refs").write_text("5")  # see proc(5): forgets the peak
        self.before = self.peak()

    def peak(self) -> int:
        lines = (self._folder / "status").read_text().splitlines()
        return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM"))


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="reads /proc")
def test_a_large_upload_and_its_download_never_stand_in_memory(tmp_path: Path) -> None:
    home = make_home(tmp_path / "home", refused_url())
    headers = {
        "content-type": "multipart/form-data; boundary=limit",
        "content-length": str(len(HEAD) + SIZE + len(TAIL)),
    }
    with (
        started("serve", "--home", str(home), cwd=tmp_path, TEST_KEY="k") as server,
        httpx.Client(base_url=server.url, headers=ANTHROPIC, timeout=60) as client,
    ):
        assert client.get("/v1/files").status_code == 200
        memory = Memory(server)
        stored = client.post("/v1/files", content=form(), headers=headers).json()
        uploaded = memory.peak()
        with client.stream("GET", f"/v1/files/{stored['id']}/content") as content:
            same = [piece == BLOCK for piece in content.iter_bytes(MIB)]
        read = memory.peak()
    assert stored["size_bytes"] == SIZE
    assert same == [True] * (SIZE // MIB)
    assert uploaded - memory.before < GROWTH
    assert read - memory.before < GROWTH
