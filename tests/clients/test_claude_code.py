"""Claude Code works through the proxy, and each way to choose a model changes its model."""

from __future__ import annotations

import shutil
from pathlib import Path

import orjson
import pytest

from tests.clients.claude_code import ask, claude_code
from tests.clients.proxied import DIALECTS, proxied
from tests.clients.tool_results import results
from tests.running import running
from tests.standin import Answer, Behaviour, Seen, StandIn, ToolCall

pytestmark = claude_code

SHIPPED = Path(__file__).parents[2]


async def test_it_gets_an_answer_from_the_simulated_demo(tmp_path: Path) -> None:
    async with running(SHIPPED, simulate=True, environ={}, role="") as proxy:
        ended = await ask(proxy.url, "say hi", tmp_path)
    assert not ended.failed
    assert ended.said


@DIALECTS
async def test_it_prints_what_the_provider_says(tmp_path: Path, dialect: str) -> None:
    said = "Good morning, Grüße, 你好."
    async with proxied(tmp_path, [Answer(text=said)], dialect) as (proxy, _):
        ended = await ask(proxy.url, "say hi", tmp_path)
    assert (ended.said, ended.failed) == (said, False)


@pytest.mark.parametrize(
    ("path", "arguments", "variables", "model"),
    [
        ("", [], {}, "plain-model"),
        ("", [], {"ANTHROPIC_CUSTOM_HEADERS": "x-rolegraph-role: cheap"}, "cheap-model"),
        ("/role/cheap", [], {}, "cheap-model"),
        ("", ["--model", "anthropic/role:cheap"], {}, "cheap-model"),
    ],
    ids=["by default", "by a header", "by the base URL", "by the model's name"],
)
async def test_the_role_is_chosen(
    tmp_path: Path, path: str, arguments: list[str], variables: dict[str, str], model: str
) -> None:
    async with proxied(tmp_path, [Answer()]) as (proxy, upstream):
        ended = await ask(proxy.url + path, "say hi", tmp_path, *arguments, **variables)
    assert not ended.failed
    assert {request.body["model"] for request in upstream.requests} == {model}


async def test_with_the_shipped_home_plan_mode_gets_the_model_that_reasons(tmp_path: Path) -> None:
    for room, kind in (("kg", "*.md"), ("roles", "*.yaml"), ("haystacks", "*.yaml")):
        for file in (SHIPPED / room).rglob(kind):
            copy = tmp_path / file.relative_to(SHIPPED)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(file, copy)
    async with StandIn([Answer(text="First, a plan.")]) as deepseek:
        with (tmp_path / "haystacks/deepseek.yaml").open("a") as settings:
            settings.write(f"location: {deepseek.url}\n")
        async with running(tmp_path, environ={"DEEPSEEK_API_KEY": "key"}, role="") as proxy:
            ended = await ask(proxy.url, "use plan mode for the new parser", tmp_path / "user")
            planned = len(deepseek.requests)
            await ask(proxy.url, "say hi", tmp_path / "user")
    models = [request.body["model"] for request in deepseek.requests]
    assert ended.said == "First, a plan."
    assert set(models[:planned]) == {"deepseek-reasoner"}
    assert set(models[planned:]) == {"deepseek-chat"}


async def test_its_subagents_may_have_a_role_of_their_own(tmp_path: Path) -> None:
    task = {"description": "say hi", "prompt": "say hi to me", "subagent_type": "general-purpose"}

    def script(seen: Seen) -> Behaviour:
        if "x-claude-code-agent-id" in seen.headers or results(seen):
            return Answer(text="hi")
        return Answer(text="", calls=(ToolCall("Agent", task),))

    async with proxied(tmp_path, script) as (proxy, upstream):
        ended = await ask(
            proxy.url, "let another say hi", tmp_path, CLAUDE_CODE_SUBAGENT_MODEL="role:cheap"
        )
    models = {
        ("x-claude-code-agent-id" in seen.headers, seen.body["model"]) for seen in upstream.requests
    }
    assert not ended.failed
    assert models == {(False, "plain-model"), (True, "cheap-model")}


async def test_its_context_view_counts_tokens_without_a_call_upstream(tmp_path: Path) -> None:
    async with proxied(tmp_path, [Answer()]) as (proxy, upstream):
        ended = await ask(proxy.url, "/context", tmp_path)
    assert "Context Usage" in ended.said
    assert "System tools" in ended.said
    assert upstream.requests == []


async def test_it_discovers_the_roles_and_keeps_them_for_its_menu(tmp_path: Path) -> None:
    user = tmp_path / "user"
    async with proxied(tmp_path, [Answer()]) as (proxy, _):
        await ask(
            proxy.url,
            "say hi",
            user,
            CLAUDE_CODE_ENABLE_GATEWAY_MODEL_DISCOVERY="1",
            CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC="",  # it would leave discovery out
        )
    kept = [orjson.loads(file.read_bytes()) for file in user.rglob("gateway-models.json")]
    assert [model["id"] for cache in kept for model in cache["models"]] == [
        "anthropic/role:cheap",
        "anthropic/role:coder",
    ]
