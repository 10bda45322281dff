"""Large bodies: what they cost in memory, and that nobody else waits for them."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import orjson
import pytest

from haystacks.tokens import count_request, count_text
from roles.extract import facts_of
from roles.route import route
from server.snapshot import build
from tests.running import make_home, user
from tests.server.program import started
from tests.standin import Answer, StandIn

MEGABYTE = 1_000_000
PICTURE_BYTES = 20 * MEGABYTE
# The body itself, what a parser makes of it, what is sent on, and what waits in a socket.
MOST_MEMORY = 5.0

LETTERS = "a" * 10 * MEGABYTE
AT_ONCE = 0.4  # seconds of CPU; the bench holds it to a quarter of that
# Seconds, on a machine that does other things too.
LONGEST_WAIT = 0.4


@contextmanager
def serving(home: Path) -> Iterator[tuple[str, int]]:
    """Run a server in a process of its own; yield where it answers, and its id."""
    with started("serve", "--home", str(home), cwd=home, TEST_KEY="upstream-key") as server:
        yield server.url, server.process.pid


def memory(pid: int, name: str) -> int:
    """Return a count of bytes that Linux keeps of a process: ``VmRSS`` now, ``VmHWM`` at most."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    found = re.search(rf"{name}:\s+(\d+) kB", status)
    assert found is not None
    return int(found[1]) * 1024


@pytest.mark.parametrize("dialect", ["anthropic", "openai_chat"])
async def test_twenty_megabytes_of_pictures_take_less_than_five_times_their_size(
    tmp_path: Path, dialect: str
) -> None:
    source = {"type": "base64", "media_type": "image/png", "data": "A" * (PICTURE_BYTES // 4)}
    pictures = [{"type": "image", "source": source} for _ in range(4)]
    body = orjson.dumps(user("") | {"messages": [{"role": "user", "content": pictures}]})
    async with StandIn([Answer(text="seen")]) as upstream:
        home = make_home(tmp_path / "home", upstream.url, dialects=(dialect, dialect))
        with serving(home) as (url, pid):
            async with httpx.AsyncClient(base_url=url, timeout=60) as client:
                await client.post("/v1/messages", json=user("warm up"))
                before = memory(pid, "VmRSS")
                answer = await client.post("/v1/messages", content=body)
            grown = memory(pid, "VmHWM") - before
    assert answer.status_code == 200, answer.text
    assert len(upstream.requests[-1].raw) >= PICTURE_BYTES
    assert grown < MOST_MEMORY * len(body)


async def test_nobody_waits_while_ten_megabytes_of_one_letter_are_read(tmp_path: Path) -> None:
    body = orjson.dumps(user(LETTERS))
    waits: list[float] = []
    async with StandIn([Answer(text="read")]) as upstream:
        with serving(make_home(tmp_path / "home", upstream.url)) as (url, _):
            async with (
                httpx.AsyncClient(base_url=url, timeout=60) as client,
                httpx.AsyncClient(base_url=url, timeout=60) as other,
            ):
                await client.post(
                    "/v1/messages/count_tokens", json=user("open, and read the tables")
                )
                await other.get("/live")
                for path in ("/v1/messages/count_tokens", "/v1/messages"):
                    asking = asyncio.create_task(client.post(path, content=body))
                    while not asking.done():
                        began = time.perf_counter()
                        await other.get("/live")
                        waits.append(time.perf_counter() - began)
                    assert asking.result().status_code == 200
    assert len(waits) > 5
    assert max(waits) < LONGEST_WAIT


def test_ten_megabytes_of_one_letter_are_counted_and_routed_at_once(tmp_path: Path) -> None:
    snapshot, problems = build(make_home(tmp_path, "http://127.0.0.1:9"), {"TEST_KEY": "k"})
    assert snapshot is not None, problems
    request = user(LETTERS)
    count_text("the tables are read before the first request")
    began = time.thread_time()
    facts = facts_of(request, {}, body_bytes=len(LETTERS), count=lambda: count_request(request))
    tokens = facts.tokens()
    decision = route(facts, snapshot.views["Coder"])
    assert time.thread_time() - began < AT_ONCE
    assert tokens > MEGABYTE
    assert decision.candidates
