"""The results of a batch on their way to its client."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from tests.running import make_home, running
from tests.server.batches.batching import PATH, ended, entries, sent
from tests.standin import Answer, StandIn


async def test_results_of_a_batch_that_is_deleted_meanwhile_do_not_look_whole(
    tmp_path: Path,
) -> None:
    async with StandIn([Answer(text="x" * 100_000)]) as upstream:
        home = make_home(tmp_path, upstream.url)
        async with running(home) as proxy, proxy.client() as client:
            batch = await ended(client, await sent(client, entries(*["hello"] * 300)))
            async with client.stream("GET", batch["results_url"]) as answer:
                pieces = answer.aiter_bytes()
                await anext(pieces)
                await client.delete(f"{PATH}/{batch['id']}")
                with pytest.raises(httpx.RemoteProtocolError):
                    [piece async for piece in pieces]
