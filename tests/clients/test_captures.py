"""What real clients sent is served, sent again as it was, whichever dialect answers it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest
import pytest_asyncio

from haystacks.dialects.table import UPSTREAMS
from haystacks.pool import DialectName
from tests.clients.proxied import DIALECTS
from tests.running import SERVICES, Running, haystack, running, write
from tests.standin import Answer, StandIn

SAID = "Well, this is it."

# One server for all: each request stands by itself.
pytestmark = pytest.mark.asyncio(loop_scope="module")

# The client's HTTP library sets them anew.
_OF_THE_CONNECTION = {"host", "connection", "content-length"}


@dataclass(frozen=True, slots=True)
class Capture:
    """A request that a client sent."""

    name: str
    method: str
    path: str
    headers: dict[str, str] = field(repr=False)
    body: dict[str, Any] | None = field(repr=False)

    @property
    def dialect(self) -> str:
        return "openai_chat" if "/chat/completions" in self.path else "anthropic"

    async def replay(self, proxy: Running, role: str = "", **changes: object) -> httpx.Response:
        """Send it to the proxy."""
        content = orjson.dumps(self.body | changes) if self.body else None
        chosen = {"x-rolegraph-role": role} if role else {}
        async with proxy.client(**self.headers, **chosen) as client:
            return await client.request(self.method, self.path, content=content)


def read(file: Path) -> Capture:
    told = orjson.loads(file.read_bytes())
    path = told["path"] + (f"?{told['query']}" if told["query"] else "")
    headers = {k: v for k, v in told["headers"] if k.lower() not in _OF_THE_CONNECTION}
    return Capture(file.stem, told["method"], path, headers, told.get("body") or None)


CAPTURES = [read(file) for file in sorted((Path(__file__).parents[1] / "captures").glob("*.json"))]
ENDPOINTS = ("/v1/messages", "/v1/chat/completions")
PROMPTS = [each for each in CAPTURES if each.path.partition("?")[0] in ENDPOINTS]
COUNTS = [each for each in CAPTURES if "count_tokens" in each.path]
WEB_SEARCH = "cc_websearch_server_tool"  # a tool that only Anthropic runs
DISCOVERIES = [each for each in CAPTURES if each.path.startswith("/v1/models")]


def by_name(captures: list[Capture]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("capture", captures, ids=lambda each: each.name)


def text_of(answer: httpx.Response) -> str:
    """Return what the model said, of a whole answer or a streamed one, in either dialect."""
    lines = answer.text.splitlines() if "event-stream" in answer.headers["content-type"] else []
    events = [orjson.loads(line[6:]) for line in lines if line.startswith("data: {")]
    said = ""
    for event in events or [answer.json()]:
        for choice in event.get("choices", []):
            said += (choice.get("delta") or choice.get("message") or {}).get("content") or ""
        said += "".join(block.get("text", "") for block in event.get("content", []))
        if event.get("type") == "content_block_delta":
            said += event["delta"].get("text", "")
    return said


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def served(
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncIterator[tuple[Running, StandIn]]:
    """Yield a proxy with a role for each dialect, and the provider that answers them all."""
    home = tmp_path_factory.mktemp("home")
    async with StandIn([Answer(text=SAID)]) as upstream:
        for name in SERVICES:
            write(home, f"haystacks/{name}.yaml", haystack(name, upstream.url, name))
            scenarios = f"{{default: [{name}, plain-model]}}"
            role = f"name: {name}\nhaystacks: [{name}]\nscenarios: {scenarios}\n"
            write(home, f"roles/{name}.yaml", role)
        async with running(home, role="anthropic") as proxy:
            yield proxy, upstream


@DIALECTS
@pytest.mark.parametrize("stream", [True, False], ids=["streamed", "whole"])
@by_name([each for each in PROMPTS if each.name != WEB_SEARCH])
async def test_it_is_answered(
    served: tuple[Running, StandIn], capture: Capture, dialect: DialectName, *, stream: bool
) -> None:
    proxy, upstream = served
    answer = await capture.replay(proxy, dialect, stream=stream)
    assert answer.status_code == 200, answer.text
    assert text_of(answer) == SAID
    seen = upstream.requests[-1]
    assert UPSTREAMS[dialect].path("plain-model", stream=stream) in seen.path
    assert "dummy" not in str(seen.headers), "the client's key must not travel on"


@by_name(PROMPTS)
async def test_where_both_sides_speak_alike_nothing_changes_but_the_models_name(
    served: tuple[Running, StandIn], capture: Capture
) -> None:
    proxy, upstream = served
    answer = await capture.replay(proxy, capture.dialect)
    seen = upstream.requests[-1]
    assert capture.body is not None
    model = answer.headers["x-rolegraph-model"]
    assert seen.raw == orjson.dumps({**capture.body, "model": model})
    assert seen.path == capture.path
    kept = {name.lower(): value for name, value in capture.headers.items()}
    for name in ("x-api-key", "authorization", "accept", "accept-encoding"):
        kept.pop(name, None)
    assert kept.items() <= seen.headers.items()


@by_name([each for each in PROMPTS if each.name == WEB_SEARCH])
async def test_a_search_goes_where_it_can_be_made_and_else_the_client_is_told(
    served: tuple[Running, StandIn], capture: Capture
) -> None:
    proxy, upstream = served
    able = await capture.replay(proxy, "anthropic")
    before = len(upstream.requests)
    unable = await capture.replay(proxy, "openai_chat")
    assert able.status_code == 200
    assert unable.status_code == 400
    assert "web_search" in unable.json()["error"]["message"]
    assert len(upstream.requests) == before


@by_name(COUNTS)
async def test_its_tokens_are_counted_without_a_call_upstream(
    served: tuple[Running, StandIn], capture: Capture
) -> None:
    proxy, upstream = served
    before = len(upstream.requests)
    answer = await capture.replay(proxy)
    size = len(orjson.dumps(capture.body))
    assert size / 10 < answer.json()["input_tokens"] < size / 2
    assert len(upstream.requests) == before


@by_name(DISCOVERIES)
async def test_discovery_lists_every_role_under_a_name_that_the_client_keeps(
    served: tuple[Running, StandIn], capture: Capture
) -> None:
    proxy, _ = served
    answer = await capture.replay(proxy)
    kept = {
        model["id"]: model["display_name"]
        for model in answer.json()["data"]
        if "claude" in model["id"] or "anthropic" in model["id"]
    }
    assert answer.status_code == 200
    roles = {f"anthropic/role:{name}": f"Rolegraph: {name}" for name in SERVICES}
    assert roles.items() <= kept.items()


async def test_there_is_a_capture_for_every_endpoint() -> None:
    served = PROMPTS + COUNTS + DISCOVERIES
    assert {each.path.partition("?")[0] for each in served} == {
        "/v1/messages",
        "/v1/messages/count_tokens",
        "/v1/chat/completions",
        "/v1/models",
    }
