"""A whole Rolegraph on a free port, and small homes for it."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent

import httpx
import uvicorn

from kg.problem import Problem
from server.app import create_app
from server.protocol import Protocol
from server.reload import Environ
from server.settings import Settings
from server.snapshot import build

# A single route to each haystack, and one that prefers the first.
CONCEPTS = {
    "think_routing": """
        # Think Routing
        synonyms:: plan mode, deep reasoning
        route:: first, deep-model
        route:: second, deep-model
        priority:: 80
    """,
    "quick_routing": """
        # Quick Routing
        synonyms:: quick answer
        route:: second, quick-model
    """,
}

ROLE = """
    name: Coder
    shortname: coder
    haystacks: [first, second]
    scenarios:
      default: [[first, plain-model], [second, plain-model]]
"""

CHEAP = """
    name: Cheap
    shortname: cheap
    haystacks: [second]
    scenarios:
      default: [second, cheap-model]
"""

# By dialect: the service that speaks it, and what its location ends with.
SERVICES = {
    "anthropic": ("anthropic-compatible", ""),
    "openai_chat": ("openai-compatible", "/v1"),
    "openai_responses": ("openai-compatible", "/v1"),
    "ollama": ("ollama", ""),
    "gemini": ("gemini", "/v1beta"),
}

_KEY = {"TEST_KEY": "upstream-key"}


class _Hasty:
    """The asyncio that uvicorn sees: no pause is long. Tests stop a thousand servers."""

    def __getattr__(self, name: str) -> object:
        return getattr(asyncio, name)

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(min(seconds, 0.01))


setattr(uvicorn.server, "asyncio", _Hasty())  # noqa: B010  # mypy: the module exports no such name


@dataclass(frozen=True, slots=True)
class Running:
    """A server that answers at ``url``."""

    url: str
    home: Path
    server: uvicorn.Server

    def stop(self) -> None:
        """Ask the server to stop, as SIGTERM does."""
        self.server.should_exit = True

    def client(self, **headers: str) -> httpx.AsyncClient:
        """Return a client whose paths are relative to the server."""
        return httpx.AsyncClient(base_url=self.url, headers=headers, timeout=20)


def write(home: Path, path: str, text: str) -> Path:
    """Write a file of a home, its text dedented."""
    file = home / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(dedent(text).lstrip(), encoding="utf-8")
    return file


def haystack(name: str, url: str, dialect: str = "anthropic", more: str = "") -> str:
    """Return a haystack file for a stand-in provider."""
    service, base = SERVICES[dialect]
    text = f"name: {name}\nservice: {service}\nlocation: {url}{base}\napi_key: ${{TEST_KEY}}\n"
    return f"{text}dialect: {dialect}\n{dedent(more)}"


def make_home(
    home: Path,
    first: str,
    second: str | None = None,
    *,
    dialects: tuple[str, str] = ("anthropic", "anthropic"),
    more: str = "",
) -> Path:
    """Make a home with two haystacks, two roles and two concepts; urls of stand-ins."""
    write(home, "haystacks/first.yaml", haystack("first", first, dialects[0], more))
    write(home, "haystacks/second.yaml", haystack("second", second or first, dialects[1], more))
    write(home, "roles/coder.yaml", ROLE)
    write(home, "roles/cheap.yaml", CHEAP)
    for name, text in CONCEPTS.items():
        write(home, f"kg/routing/{name}.md", text)
    return home


@asynccontextmanager
async def running(
    home: Path,
    *,
    simulate: bool = False,
    environ: Environ | Mapping[str, str] = _KEY,
    clock: Callable[[], float] = time.time,
    **settings: object,
) -> AsyncIterator[Running]:
    """Serve a home until the block ends; everything but the process is real.

    ``clock`` is what sessions, budgets and limits go by.
    """
    variables = environ if callable(environ) else lambda: environ
    chosen = Settings.model_validate({"role": "coder", **settings})
    snapshot, problems = build(home, variables(), simulate=simulate)
    assert snapshot is not None, "\n".join(map(str, problems))
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    config = uvicorn.Config(
        create_app(chosen, snapshot, variables, clock),
        log_config=None,
        timeout_graceful_shutdown=1,
        http=Protocol,
    )
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        while not server.started:
            assert not serving.done(), serving.result()
            await asyncio.sleep(0.005)
        yield Running(f"http://127.0.0.1:{listener.getsockname()[1]}", home, server)
    finally:
        server.should_exit = True
        await serving
        listener.close()


def only_errors(problems: tuple[Problem, ...]) -> list[str]:
    """Return the problems that keep a home from serving, as they are shown."""
    return [str(problem) for problem in problems if problem.severity == "error"]


def user(text: str, *, stream: bool = False, **more: object) -> dict[str, object]:
    """Return an Anthropic request of one user message."""
    message = {"role": "user", "content": text}
    return {"model": "auto", "max_tokens": 64, "stream": stream, "messages": [message], **more}
