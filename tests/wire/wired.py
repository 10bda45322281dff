"""A client, the whole server and a scripted provider, each in a dialect of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import structlog

from tests.asking import PATHS, asking
from tests.haystacks.dialects.openai_chunks import DONE
from tests.running import SERVICES, Running, make_home, running
from tests.standin import Answer, Behaviour, Events, Script, Seen, StandIn
from tests.wire.heard import Heard, hear

CLIENTS = pytest.mark.parametrize("client", PATHS)
# Those to whom an answer of chat completions does not pass as it is.
TRANSLATED = pytest.mark.parametrize("client", [name for name in PATHS if name != "openai_chat"])
UPSTREAMS = pytest.mark.parametrize("dialect", SERVICES)
FOREIGN = pytest.mark.parametrize("dialect", ["openai_chat", "ollama"])
STREAM = pytest.mark.parametrize("stream", [False, True], ids=["whole", "streamed"])

# The one model of the role that asks one haystack alone.
MODEL = "cheap-model"
ALONE = "cheap"
BOTH = "coder"


@dataclass(frozen=True, slots=True)
class Wired:
    """What a test talks to, and what it looks at afterwards."""

    proxy: Running
    upstream: StandIn
    log: Sequence[Mapping[str, Any]] = field(repr=False)

    async def ask(
        self,
        client: str = "anthropic",
        *,
        stream: bool = False,
        headers: Mapping[str, str] | None = None,
        **body: Any,
    ) -> Heard:
        """Send a request of one user message, or of what ``body`` says in the client's dialect."""
        asked = asking(client, stream=stream, **body)
        async with self.proxy.client(**(headers or {})) as http:
            return hear(await http.post(PATHS[client], json=asked))

    @property
    def seen(self) -> Seen:
        """The latest request that came to the provider."""
        return self.upstream.requests[-1]

    @property
    def line(self) -> Mapping[str, Any]:
        """The log's line of the latest request."""
        return self.lines[-1]

    @property
    def lines(self) -> Sequence[Mapping[str, Any]]:
        """The log's lines of the requests that have ended."""
        return [line for line in self.log if line["event"] == "request"]


@asynccontextmanager
async def wired(
    folder: Path,
    script: Script,
    dialect: str = "anthropic",
    *,
    role: str = ALONE,
    more: str = "",
    **settings: Any,
) -> AsyncIterator[Wired]:
    """Serve a home whose two haystacks are one provider that speaks this dialect.

    ``more`` is added to the haystack files; the role ``ALONE`` knows only the second.
    """
    with structlog.testing.capture_logs() as log:
        async with StandIn(script) as upstream:
            home = make_home(folder / "home", upstream.url, dialects=(dialect, dialect), more=more)
            async with running(home, role=role, **settings) as proxy:
                yield Wired(proxy, upstream, log)


def model(**facts: object) -> str:
    """Return the ``models`` of a haystack file that tell this of the model that is asked."""
    told = ", ".join(f"{name}: {value}" for name, value in facts.items())
    return f"models: [{{id: {MODEL}, {told}}}]\n"


def chunks(*pieces: bytes) -> Events:
    """Return the stream of a provider of chat completions, properly ended."""
    return Events((*pieces, DONE))


def cut(answer: Answer, size: int) -> Script:
    """Return a script that streams an answer in pieces of ``size`` bytes."""

    def behaviour(seen: Seen) -> Behaviour:
        whole = b"".join(answer.frames(seen))
        return Events(tuple(whole[at : at + size] for at in range(0, len(whole), size)))

    return behaviour
