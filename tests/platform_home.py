"""A home whose haystacks are the vendors themselves, as far as it knows."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from tests.running import Running, running, write
from tests.standin import Behaviour, StandIn
from tests.standin.wire import Seen, Wire

KEYS = {"ANTHROPIC_API_KEY": "sk-ours-anthropic", "OPENAI_API_KEY": "sk-ours-openai"}


def make_platform(home: Path, url: str, *, more: str = "") -> Path:
    """Make a home with the roles ``coder`` (both and another), ``claude``, ``gpt`` and ``none``."""
    claude = f"name: claude\nservice: anthropic\nlocation: {url}\nmodels: [claude-x]\n{more}"
    gpt = f"name: gpt\nservice: openai\nlocation: {url}/v1\nmodels: [gpt-x]\n{more}"
    other = f"name: other\nservice: openai-compatible\nlocation: {url}/v1\nmodels: [other-x]\n"
    write(home, "haystacks/claude.yaml", claude)
    write(home, "haystacks/gpt.yaml", gpt)
    write(home, "haystacks/other.yaml", other)
    roles = {"coder": "claude, gpt, other", "claude": "claude", "gpt": "gpt", "none": "other"}
    for role, haystacks in roles.items():
        write(home, f"roles/{role}.yaml", f"name: {role}\nhaystacks: [{haystacks}]\n")
    return home


@dataclass(frozen=True, slots=True)
class Says:
    """A whole answer of any kind."""

    body: bytes = b'{"id":"x"}'
    status: int = 200
    headers: dict[str, str] = field(default_factory=lambda: {"content-type": "application/json"})

    async def play(self, request: Seen, wire: Wire) -> None:
        body = b"" if request.method == "HEAD" else self.body
        await wire._head(self.status, {**self.headers, "content-length": str(len(self.body))})
        await wire.send(body)


@asynccontextmanager
async def passing(
    folder: Path, *script: Behaviour, role: str = "coder"
) -> AsyncIterator[tuple[Running, StandIn, httpx.AsyncClient]]:
    async with StandIn(script or (Says(),)) as upstream:
        home = make_platform(folder, upstream.url)
        async with running(home, environ=KEYS, role=role) as proxy, proxy.client() as client:
            yield proxy, upstream, client
