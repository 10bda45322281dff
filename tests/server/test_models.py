"""``/v1/models``: every name that may stand as ``model``, in the shape that the caller reads."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import anthropic
import httpx
import openai
import pytest

from server.keys import create_key
from tests.running import ROLE, make_home, running, write

MODELS = """
    models:
      - id: org/big:free,v2
        context_window: 200000
        max_output: 64000
        price: {input: 3.0, output: 15.0}
        capabilities: [tools]
      - id: small
"""
IDLE = "name: idle\nservice: openai\napi_key: ${NO_SUCH_KEY}\nmodels: [{id: hidden}]\n"
VERSION = {"anthropic-version": "2023-06-01"}
ALL = [
    "role:cheap",
    "role:coder",
    "anthropic/role:cheap",
    "anthropic/role:coder",
    "first,org/big:free,v2",
    "first,small",
    "second,org/big:free,v2",
    "second,small",
]


@pytest.fixture
async def client(tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    home = make_home(tmp_path, "http://127.0.0.1:9", more=MODELS)
    write(home, "haystacks/idle.yaml", IDLE)
    async with running(home) as proxy, proxy.client() as client:
        yield client


async def page(client: httpx.AsyncClient, **query: object) -> dict[str, Any]:
    answer = await client.get("/v1/models", params={k: str(v) for k, v in query.items()})
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    return told


async def test_openais_shape_lists_roles_and_the_models_of_active_haystacks(
    client: httpx.AsyncClient,
) -> None:
    told = await page(client)
    assert told["object"] == "list"
    assert [card["id"] for card in told["data"]] == ALL
    assert all(card["object"] == "model" and card["owned_by"] for card in told["data"])


async def test_anthropics_shape_tells_the_limits_and_where_the_page_ends(
    client: httpx.AsyncClient,
) -> None:
    client.headers.update(VERSION)
    told = await page(client, limit=1000)
    assert [card["id"] for card in told["data"]] == ALL
    assert (told["has_more"], told["first_id"], told["last_id"]) == (False, ALL[0], ALL[-1])
    card = told["data"][4]
    assert card["type"] == "model"
    assert card["created_at"].endswith("Z")
    assert (card["max_input_tokens"], card["max_tokens"]) == (200_000, 64_000)
    assert all(card["display_name"] and card["description"] for card in told["data"])


async def test_a_client_that_lists_only_claude_and_anthropic_names_finds_every_role(
    client: httpx.AsyncClient,
) -> None:
    found = [card["id"] for card in (await page(client))["data"] if "anthropic" in card["id"]]
    assert found == ["anthropic/role:cheap", "anthropic/role:coder"]


async def test_pages_of_any_size_give_each_name_once_in_both_directions(
    client: httpx.AsyncClient,
) -> None:
    client.headers.update(VERSION)
    for size in (1, 3, 8, 20):
        await turn_pages(client, size)


async def turn_pages(client: httpx.AsyncClient, size: int) -> None:
    forward: list[str] = []
    told = await page(client, limit=size)
    while True:
        forward += [card["id"] for card in told["data"]]
        if not told["has_more"]:
            break
        told = await page(client, limit=size, after_id=told["last_id"])
    assert forward == ALL

    backward: list[str] = [ALL[-1]]
    while True:
        told = await page(client, limit=size, before_id=backward[0])
        backward = [*(card["id"] for card in told["data"]), *backward]
        if not told["has_more"]:
            break
    assert backward == ALL


async def test_a_page_after_an_unknown_name_is_empty(client: httpx.AsyncClient) -> None:
    client.headers.update(VERSION)
    told = await page(client, after_id="gone")
    assert told == {"data": [], "has_more": False, "first_id": None, "last_id": None}


async def test_a_limit_that_is_none_is_refused(client: httpx.AsyncClient) -> None:
    for limit in ("0", "1001", "-1", "x", "1.5", "9" * 5000):
        answer = await client.get("/v1/models", params={"limit": limit}, headers=VERSION)
        assert answer.status_code == 400, limit
        assert "limit" in answer.json()["error"]["message"]


async def test_each_name_is_described_under_itself_without_a_redirect(
    client: httpx.AsyncClient,
) -> None:
    for name in ALL:
        for path in (name, quote(name, safe="")):
            answer = await client.get(f"/v1/models/{path}")
            assert (answer.status_code, answer.json()["id"]) == (200, name)


async def test_a_role_lists_its_own_haystacks_however_it_is_named(
    client: httpx.AsyncClient,
) -> None:
    for path, headers in (
        ("/v1/models", {"x-rolegraph-role": "cheap"}),
        ("/role/cheap/v1/models", {}),
    ):
        told = (await client.get(path, headers=headers)).json()["data"]
        assert [card["id"] for card in told] == ALL[:4] + ALL[6:]
    gone = await client.get("/role/cheap/v1/models/first,small")
    assert gone.status_code == 404
    unknown = await client.get("/role/none/v1/models", headers=VERSION)
    assert (unknown.status_code, unknown.json()["type"]) == (404, "error")


async def test_a_key_lists_the_models_of_its_role(tmp_path: Path) -> None:
    home = make_home(tmp_path, "http://127.0.0.1:9", more=MODELS)
    shown = create_key(home, "ann", "cheap")
    async with running(home) as proxy, proxy.client() as client:
        told = await client.get("/v1/models", headers={"authorization": f"Bearer {shown}"})
    assert [card["id"] for card in told.json()["data"]] == ALL[:4] + ALL[6:]


async def test_a_model_that_the_role_excludes_is_not_listed(tmp_path: Path) -> None:
    home = make_home(tmp_path, "http://127.0.0.1:9", more=MODELS)
    write(home, "roles/coder.yaml", ROLE + '    model_exclusions: {first: ["org/*"]}\n')
    async with running(home) as proxy, proxy.client() as client:
        told = await page(client)
    assert [card["id"] for card in told["data"]] == [*ALL[:4], *ALL[5:]]


async def test_a_bare_name_is_described_as_the_roles_first_haystack_has_it(
    client: httpx.AsyncClient,
) -> None:
    card = (await client.get("/v1/models/org/big:free,v2")).json()
    assert (card["id"], card["owned_by"]) == ("org/big:free,v2", "first")


async def test_what_is_known_of_a_model_stands_beside_its_name(client: httpx.AsyncClient) -> None:
    card = (await client.get("/v1/models/first,org/big:free,v2")).json()
    assert (card["context_window"], card["max_tokens"]) == (200_000, 64_000)
    assert (card["price"]["input"], card["price"]["output"]) == (3.0, 15.0)
    assert card["rolegraph_capabilities"] == ["tools"]


async def test_a_model_of_an_inactive_haystack_is_not_there(client: httpx.AsyncClient) -> None:
    answer = await client.get("/v1/models/idle,hidden")
    assert answer.status_code == 404
    assert 'no model "idle,hidden"' in answer.json()["error"]["message"]
    assert (await client.get("/v1/models/")).status_code == 404


@pytest.mark.client
async def test_both_official_clients_read_the_list(client: httpx.AsyncClient) -> None:
    url = str(client.base_url).rstrip("/")
    async with anthropic.AsyncAnthropic(base_url=url, api_key="any") as one:
        listed = [model.id async for model in one.models.list(limit=3)]
        found = await one.models.retrieve("first,org/big:free,v2")
    assert (listed, found.id) == (ALL, "first,org/big:free,v2")
    async with openai.AsyncOpenAI(base_url=f"{url}/v1", api_key="any") as other:
        assert [model.id async for model in other.models.list()] == ALL
