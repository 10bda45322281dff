"""What only Ollama does, over real sockets."""

from __future__ import annotations

from pathlib import Path

from tests.clients.picture import BASE64, LINK
from tests.clients.proxied import proxied
from tests.running import make_home, running, user
from tests.standin import Answer, StandIn, Status

PICTURE = {"type": "base64", "media_type": "image/png", "data": BASE64}
MODELS = "models: [{id: plain-model, context_window: 8192}]\n"


def look_at(source: dict[str, str]) -> dict[str, object]:
    message = {"role": "user", "content": [{"type": "image", "source": source}]}
    return user("", messages=[message])


async def test_a_picture_is_sent_by_value_and_refused_by_address(tmp_path: Path) -> None:
    async with (
        proxied(tmp_path, [Answer()], "ollama") as (proxy, upstream),
        proxy.client() as client,
    ):
        seen = await client.post("/v1/messages", json=look_at(PICTURE))
        refused = await client.post("/v1/messages", json=look_at({"type": "url", "url": LINK}))
    assert seen.status_code == 200
    assert upstream.requests[0].body["messages"][0]["images"] == [BASE64]
    assert (refused.status_code, len(upstream.requests)) == (400, 1)
    assert "image" in refused.json()["error"]["message"]


async def test_every_request_asks_for_the_models_whole_window_and_for_errors_over_silence(
    tmp_path: Path,
) -> None:
    async with StandIn([Answer()]) as upstream:
        home = make_home(tmp_path, upstream.url, dialects=("ollama", "ollama"), more=MODELS)
        async with running(home) as proxy, proxy.client() as client:
            for prompt in ("hello", "hello " * 1000):
                await client.post("/v1/messages", json=user(prompt))
    bodies = [seen.body for seen in upstream.requests]
    assert [body["options"]["num_ctx"] for body in bodies] == [8192, 8192]
    assert not any(body["truncate"] or body["shift"] for body in bodies)


async def test_a_prompt_beyond_the_window_is_refused_in_ollamas_own_words(tmp_path: Path) -> None:
    words = "the input length exceeds the context length"
    async with (
        proxied(tmp_path, [Status(400, words)], "ollama") as (proxy, upstream),
        proxy.client() as client,
    ):
        answer = await client.post("/v1/messages", json=user("hello"))
    assert (answer.status_code, answer.json()["error"]["message"]) == (400, words)
    assert len(upstream.requests) == 1


async def test_what_it_can_not_enforce_is_named(tmp_path: Path) -> None:
    tool = {"name": "look", "input_schema": {"type": "object"}}
    body = user("hello", tools=[tool], tool_choice={"type": "any"})
    async with (
        proxied(tmp_path, [Answer()], "ollama") as (proxy, _),
        proxy.client() as client,
    ):
        answer = await client.post("/v1/messages", json=body)
    assert answer.headers["x-rolegraph-adapted"] == "tool_choice not enforced"


async def test_the_demo_plays_it_as_every_other(tmp_path: Path) -> None:
    home = make_home(tmp_path, "http://127.0.0.1:9", dialects=("ollama", "ollama"))
    async with running(home, simulate=True) as proxy, proxy.client() as client:
        answer = await client.post("/v1/messages", json=user("hello", stream=True))
    assert answer.status_code == 200
    assert "message_stop" in answer.text
