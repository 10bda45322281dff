"""A whole Rolegraph in front of one provider."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.running import SERVICES, Running, make_home, running
from tests.standin import Script, StandIn

# Every wire format that the provider may speak, and those in which it names its calls
# and what it read from a cache.
DIALECTS = pytest.mark.parametrize("dialect", SERVICES)
NAMING_DIALECTS = pytest.mark.parametrize("dialect", ["anthropic", "openai_chat"])


@asynccontextmanager
async def proxied(
    folder: Path, script: Script, dialect: str = "anthropic", role: str = "coder"
) -> AsyncIterator[tuple[Running, StandIn]]:
    """Serve a home in ``folder`` whose two haystacks are one stand-in that speaks this dialect."""
    async with StandIn(script) as upstream:
        home = make_home(folder / "home", upstream.url, dialects=(dialect, dialect))
        async with running(home, role=role) as proxy:
            yield proxy, upstream
