"""Both official SDKs list what may stand as ``model``, page by page, and look up each name."""

from __future__ import annotations

from pathlib import Path

import anthropic
import openai
import pytest

from tests.running import make_home, running
from tests.standin import refused_url

pytestmark = pytest.mark.client

MODELS = "models: [{id: org/large:free, context_window: 5000, max_output: 700}, {id: small}]\n"
NAMES = [
    *("role:cheap", "role:coder", "anthropic/role:cheap", "anthropic/role:coder"),
    *("first,org/large:free", "first,small", "second,org/large:free", "second,small"),
]


async def test_anthropics_sdk_sees_the_same_models_whatever_the_size_of_a_page(
    tmp_path: Path,
) -> None:
    home = make_home(tmp_path, refused_url(), more=MODELS)
    async with (
        running(home) as proxy,
        anthropic.AsyncAnthropic(base_url=proxy.url, api_key="k") as client,
    ):
        for size in (1, 3, 8, 1000):
            listed = [model.id async for model in client.models.list(limit=size)]
            assert sorted(listed) == sorted(NAMES)
        last = await client.models.list(limit=2, before_id=listed[4])
    assert [model.id for model in last.data] == listed[2:4]
    assert last.has_more


async def test_anthropics_sdk_finds_each_of_them_by_its_name(tmp_path: Path) -> None:
    home = make_home(tmp_path, refused_url(), more=MODELS)
    async with (
        running(home) as proxy,
        anthropic.AsyncAnthropic(base_url=proxy.url, api_key="k") as client,
    ):
        found = [await client.models.retrieve(name) for name in NAMES]
        with pytest.raises(anthropic.NotFoundError, match="nothing/like it"):
            await client.models.retrieve("nothing/like it")
    assert [(model.id, model.type) for model in found] == [(name, "model") for name in NAMES]
    assert all(model.display_name for model in found)
    large = found[NAMES.index("first,org/large:free")]
    assert (large.max_input_tokens, large.max_tokens) == (5000, 700)


async def test_anthropics_sdk_reads_what_is_known_of_a_model_and_the_role_of_its_path(
    tmp_path: Path,
) -> None:
    home = make_home(tmp_path, refused_url(), more=MODELS)
    async with (
        running(home) as proxy,
        anthropic.AsyncAnthropic(base_url=f"{proxy.url}/role/cheap", api_key="k") as client,
    ):
        listed = [model async for model in client.beta.models.list(limit=2)]
        small = await client.beta.models.retrieve("small")
    assert [model.id for model in listed] == [*NAMES[:4], *NAMES[6:]]
    assert {model.type for model in listed} == {"model"}
    assert {model.lifecycle for model in listed} == {"active"}
    assert small.id == "small"


async def test_openais_sdk_lists_and_finds_them_too(tmp_path: Path) -> None:
    home = make_home(tmp_path, refused_url(), more=MODELS)
    async with (
        running(home) as proxy,
        openai.AsyncOpenAI(base_url=f"{proxy.url}/v1", api_key="k") as client,
    ):
        listed = [model.id async for model in client.models.list()]
        found = [await client.models.retrieve(name) for name in NAMES]
        with pytest.raises(openai.NotFoundError, match="nothing/like it"):
            await client.models.retrieve("nothing/like it")
    assert sorted(listed) == sorted(NAMES)
    assert [(model.id, model.object) for model in found] == [(name, "model") for name in NAMES]
