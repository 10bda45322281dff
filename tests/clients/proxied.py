"""A whole Rolegraph in front of one provider."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from tests.running import Running, make_home, running
from tests.standin import Script, StandIn


@asynccontextmanager
async def proxied(
    folder: Path, script: Script, dialect: str = "anthropic", role: str = "coder"
) -> AsyncIterator[tuple[Running, StandIn]]:
    """Serve a home in ``folder`` whose two haystacks are one stand-in that speaks this dialect."""
    async with StandIn(script) as upstream:
        home = make_home(folder / "home", upstream.url, dialects=(dialect, dialect))
        async with running(home, role=role) as proxy:
            yield proxy, upstream
