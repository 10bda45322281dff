"""A client that asks without a pause, and waits to see an edit in the answers."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from tests.running import make_home, running, user
from tests.standin import Answer, StandIn

# A machine that runs tests does more besides; one test holds the promise of half a second.
SEEN_WITHIN = 3.0


@dataclass(slots=True)
class Asker:
    """Asks a running server; every answer must be a good one."""

    client: httpx.AsyncClient
    answers: list[httpx.Response] = field(default_factory=list)

    async def ask(self, text: str) -> str:
        """Return where a prompt goes: ``haystack,model``."""
        answer = await self.client.post("/v1/messages", json=user(text))
        self.answers.append(answer)
        assert answer.status_code == 200, answer.text
        return f"{answer.headers['x-rolegraph-haystack']},{answer.headers['x-rolegraph-model']}"

    async def goes(self, text: str, wanted: str, *, within: float = SEEN_WITHIN) -> float:
        """Ask until the prompt goes there; return the seconds that took."""
        started = time.monotonic()
        while (went := await self.ask(text)) != wanted:
            took = time.monotonic() - started
            assert took < within, f"after {took:.2f} s it still goes to {went}"
        return time.monotonic() - started

    async def reload(self, status: int = 200) -> dict[str, Any]:
        """Reload by hand."""
        answer = await self.client.post("/api/reload")
        assert answer.status_code == status, answer.text
        state: dict[str, Any] = answer.json()
        return state

    async def last_reload(self, *, ok: bool) -> dict[str, Any]:
        """Wait until the last reload ended so; requests go on meanwhile."""
        async with asyncio.timeout(5):
            while True:
                state: dict[str, Any] = (await self.client.get("/api/reload")).json()
                if state["ok"] is ok:
                    return state
                await self.ask("anything")

    async def generation(self) -> int:
        """Return the number of the snapshot that serves."""
        generation: int = (await self.client.get("/ready")).json()["generation"]
        return generation


@asynccontextmanager
async def asking(home: Path) -> AsyncIterator[Asker]:
    """Serve a small home, whose haystacks are one stand-in, to an asker."""
    async with StandIn([Answer()]) as upstream:
        make_home(home, upstream.url)
        async with running(home) as proxy, proxy.client() as client:
            yield Asker(client)
