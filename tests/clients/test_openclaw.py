"""OpenClaw's turns come to their end in each of its APIs, and are routed by the user's words."""

from __future__ import annotations

from pathlib import Path

import orjson
import pytest

from tests.clients.openclaw import Anthropic, Api, Chat, Json, Responses
from tests.clients.proxied import DIALECTS, proxied
from tests.clients.tool_results import results
from tests.running import Running
from tests.standin import Answer, Behaviour, Seen, ToolCall

APIS = pytest.mark.parametrize("api", [Anthropic(), Chat(), Responses()], ids=lambda api: api.path)
CALL = ToolCall("exec", {"command": 'echo "hi"'})


def script(seen: Seen) -> Behaviour:
    return Answer(text="all done") if results(seen) else Answer(text="", calls=(CALL,))


async def ask(proxy: Running, api: Api, body: Json, base: str = "", **headers: str) -> list[Json]:
    """Send a request as OpenClaw does, and return the events of the streamed answer."""
    async with proxy.client(**api.headers, **headers) as client:
        answer = await client.post(f"{base}{api.path}", json=body)
    assert answer.status_code == 200, answer.text
    lines = answer.text.splitlines()
    return [orjson.loads(line[6:]) for line in lines if line.startswith("data: {")]


@APIS
@DIALECTS
async def test_a_turn_with_a_tool_call_comes_to_its_end(
    tmp_path: Path, api: Api, dialect: str
) -> None:
    async with proxied(tmp_path, script, dialect) as (proxy, upstream):
        body = api.first()
        call = api.call(await ask(proxy, api, body))
        last = await ask(proxy, api, api.next(body, call, "hi"))
    assert (call["name"], orjson.loads(call["arguments"])) == (CALL.name, CALL.input)
    assert api.text(last) == "all done"
    assert results(upstream.requests[-1]) == ["hi"]


@APIS
async def test_what_it_adds_behind_the_users_words_does_not_route(tmp_path: Path, api: Api) -> None:
    # The words that it adds would lead to another model.
    async with proxied(tmp_path, script) as (proxy, upstream):
        body = api.first()
        call = api.call(await ask(proxy, api, body))
        await ask(proxy, api, api.next(body, call, "hi"))
    assert [seen.body["model"] for seen in upstream.requests] == ["plain-model", "plain-model"]


@APIS
async def test_a_role_may_stand_in_its_headers_or_its_base_url(tmp_path: Path, api: Api) -> None:
    async with proxied(tmp_path, script) as (proxy, upstream):
        await ask(proxy, api, api.first(), **{"x-rolegraph-role": "cheap"})
        await ask(proxy, api, api.first(), base="/role/cheap")
    assert [seen.body["model"] for seen in upstream.requests] == ["cheap-model", "cheap-model"]
