"""Money over real sockets: what is held, settled, refused, and how a client hears of it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import anthropic
import httpx
import openai
import orjson
import pytest

from haystacks.money import NANO
from server.keys import create_key
from tests.asking import PATHS, asking
from tests.running import Running, haystack, make_home, running, user, write
from tests.standin import Answer, Behaviour, DieMidStream, Held, StandIn, Status
from tests.talk import Clock, went

# US dollars for a million tokens: each of these answers costs $0.000 105 at the first,
# and a tenth of that at the second.
PRICES = {"first": (3.0, 15.0), "second": (0.3, 1.5), "free": (0.0, 0.0)}
SAID = Answer(input_tokens=10, output_tokens=5)
COST = 105_000  # nano-dollars

ROLE = """
    name: Coder
    shortname: coder
    strategy: static
    haystacks: [first, second, free]
    scenarios: {default: [[first, dear], [second, cheap], [free, gift]]}
"""


@dataclass(frozen=True, slots=True)
class World:
    server: Running
    client: httpx.AsyncClient
    clock: Clock = field(default_factory=Clock)

    async def ask(self, **more: Any) -> httpx.Response:
        return await self.client.post("/v1/messages", json=user("hi", max_tokens=5, **more))

    async def left(self) -> float:
        """Return what the budgets still allow, as a share."""
        answer = await self.client.post("/api/route", json={"prompt": "hi", "max_tokens": 5})
        left: float = answer.json()["budget"]["left"]
        return left


@asynccontextmanager
async def world(
    home: Path,
    budget: str = "",
    *,
    said: Behaviour = SAID,
    more: str = "",
    key: str = "",
    free: bool = True,
) -> AsyncIterator[World]:
    """Serve three haystacks that are one stand-in, the third only if ``free``.

    ``key`` is what is set for the client's key.
    """
    async with StandIn([said]) as upstream:
        make_home(home, upstream.url)
        for name, model in (("first", "dear"), ("second", "cheap"), ("free", "gift")):
            price = "{{input: {}, output: {}}}".format(*PRICES[name])
            models = f"models: [{{id: {model}, price: {price}}}]\n{more}"
            write(home, f"haystacks/{name}.yaml", haystack(name, upstream.url, more=models))
        role = ROLE if free else ROLE.replace(", [free, gift]", "").replace(", free]", "]")
        write(home, "roles/coder.yaml", role + (f"    budget: {budget}\n" if budget else ""))
        headers = {}
        if key:
            headers = {"x-api-key": create_key(home, "laptop")}
            file = home / "keys.yaml"
            file.write_text(file.read_text() + f"  {key}\n")
        clock = Clock()
        async with running(home, clock=clock) as server, server.client(**headers) as client:
            yield World(server, client, clock)


# -- Budgets


@pytest.mark.parametrize("whose", ["role", "key"])
@pytest.mark.parametrize(("period", "days"), [("daily_usd", 1), ("monthly_usd", 17)])
async def test_a_budget_presses_then_ends_and_is_renewed(
    tmp_path: Path, whose: str, period: str, days: int
) -> None:
    budget = f"{{{period}: 0.0011}}"  # of ten dear answers and a half
    role, key = (budget, "") if whose == "role" else ("", f"budget: {budget}")
    async with world(tmp_path, role, key=key, free=False) as here:
        where = []
        while (answer := await here.ask()).status_code == 200:
            where.append(went(answer))
        # Once less than a fifth is left, what costs least goes first.
        assert where[:9] == ["first,dear"] * 9
        assert set(where[9:]) == {"second,cheap"}
        here.clock.now += (days - 1) * 86_400
        assert (await here.ask()).status_code == 429
        here.clock.now += 86_400
        assert went(await here.ask()) == "first,dear"


async def test_under_pressure_what_is_cheaper_comes_first(tmp_path: Path) -> None:
    async with world(tmp_path, "{daily_usd: 0.00126}") as here:
        for _ in range(11):
            answer = await here.ask()
        assert answer.headers["x-rolegraph-phase"] == "cost"
        told = (await here.client.post("/api/route", json={"prompt": "hi"})).json()
    assert [each["haystack"] for each in told["candidates"]] == ["free", "second", "first"]
    assert told["budget"]["left"] < 0.2


@pytest.mark.parametrize("how", ["whole", "streamed"])
@pytest.mark.parametrize("client", PATHS)
async def test_a_spent_budget_is_a_429_in_every_dialect_and_not_to_be_tried_again(
    tmp_path: Path, client: str, how: str
) -> None:
    async with world(tmp_path, "{daily_usd: 0}") as here:
        body = asking(client, stream=how == "streamed")
        answer = await here.client.post(PATHS[client], json=body)
    assert answer.status_code == 429
    assert answer.headers["x-should-retry"] == "false"
    assert answer.headers["content-type"] == "application/json"
    error = answer.json()["error"]
    assert error["message"] == (
        "the daily budget of role coder, $0.00, is spent; it is renewed at 00:00 UTC"
    )
    if client == "anthropic":
        assert (answer.json()["type"], error["type"]) == ("error", "budget_exceeded")
    else:
        assert (error["type"], error["code"]) == ("insufficient_quota", "budget_exceeded")


async def test_the_sdks_see_what_it_is_and_ask_once(tmp_path: Path) -> None:
    async with world(tmp_path, "{daily_usd: 0}") as here:
        url = here.server.url
        claude = anthropic.AsyncAnthropic(base_url=url, api_key="any")
        with pytest.raises(anthropic.RateLimitError) as first:
            await claude.messages.create(
                model="auto", max_tokens=5, messages=[{"role": "user", "content": "hi"}]
            )
        gpt = openai.AsyncOpenAI(base_url=f"{url}/v1", api_key="any")
        with pytest.raises(openai.RateLimitError) as second:
            await gpt.chat.completions.create(
                model="auto", messages=[{"role": "user", "content": "hi"}]
            )
        with pytest.raises(openai.RateLimitError) as third:
            await gpt.responses.create(model="auto", input="hi")
        await claude.close()
        await gpt.close()
    assert "budget_exceeded" in str(first.value.body)
    assert {second.value.code, third.value.code} == {"budget_exceeded"}
    assert {second.value.type, third.value.type} == {"insufficient_quota"}


async def test_a_spent_budget_is_a_problem_of_api_route_too(tmp_path: Path) -> None:
    async with world(tmp_path, "{daily_usd: 0}") as here:
        answer = await here.client.post("/api/route", json={"prompt": "hi"})
    assert (answer.status_code, answer.json()["status"]) == (429, 429)
    assert answer.headers["content-type"] == "application/problem+json"


async def test_where_the_role_says_so_what_is_free_answers_on(tmp_path: Path) -> None:
    async with world(tmp_path, "{daily_usd: 0, when_spent: free}") as here:
        assert went(await here.ask()) == "free,gift"
        named = await here.ask(model="first,dear")
        told = (await here.client.post("/api/route", json={"prompt": "hi"})).json()
    assert named.status_code == 429
    assert named.json()["error"]["type"] == "budget_exceeded"
    assert told["budget"]["spent"].startswith("the daily budget of role coder")


async def test_where_nothing_is_free_that_is_a_spent_budget_and_no_bad_request(
    tmp_path: Path,
) -> None:
    async with world(tmp_path, "{daily_usd: 0, when_spent: free}", free=False) as here:
        answer = await here.ask()
    assert answer.status_code == 429
    assert answer.json()["error"]["type"] == "budget_exceeded"
    assert answer.headers["x-should-retry"] == "false"


async def test_a_budget_without_room_for_this_request_lets_what_is_free_answer(
    tmp_path: Path,
) -> None:
    async with world(tmp_path, "{daily_usd: 0.00001, when_spent: free}") as here:
        answer = await here.ask()
    assert went(answer) == "free,gift"


# -- Settling


@pytest.mark.parametrize("how", ["whole", "streamed"])
@pytest.mark.parametrize("client", PATHS)
async def test_what_is_counted_is_usage_times_price_to_the_nano_dollar(
    tmp_path: Path, client: str, how: str
) -> None:
    said = Answer(input_tokens=7, output_tokens=3, cached_tokens=11)
    each = 7 * 3_000 + 11 * 3_000 + 3 * 15_000
    budget = 1000 * each / NANO
    async with world(tmp_path, f"{{daily_usd: {budget:.9f}}}", said=said) as here:
        body = asking(client, stream=how == "streamed")
        answers = await asyncio.gather(
            *(here.client.post(PATHS[client], json=body) for _ in range(40))
        )
        assert {went(answer) for answer in answers} == {"first,dear"}
        assert await here.left() == 0.96
        counted = await spent(here)
    assert counted == 40 * each


async def spent(here: World) -> int:
    """Return the nano-dollars that the counter of the role's day holds, as the server has them."""
    counters = {key: total for key, total, _ in gateway_of(here).shared.totals()}
    total: int = counters.get("spent:role:coder:2027-01-15", 0)
    return total


def gateway_of(here: World) -> Any:
    return here.server.server.config.app._app.state.gateway  # type: ignore[union-attr]


async def test_a_stream_that_breaks_is_settled_with_what_it_used(tmp_path: Path) -> None:
    broken = DieMidStream(answer=Answer(text="One two three four five.", input_tokens=10))
    async with world(tmp_path, "{daily_usd: 1.0}", said=broken) as here:
        answer = await here.ask(stream=True)
        assert "event: error" in answer.text
        counted = await spent(here)
    assert 10 * 3_000 < counted < 10 * 3_000 + 12 * 15_000


async def test_a_client_that_leaves_has_used_what_was_said_so_far(tmp_path: Path) -> None:
    gate = asyncio.Event()
    held = Held(gate, after=4, answer=Answer(text="One two three four.", input_tokens=10))
    async with world(tmp_path, "{daily_usd: 1.0}", said=held) as here:
        request = here.client.stream("POST", "/v1/messages", json=user("hi", stream=True))
        async with request as answer:
            async for line in answer.aiter_lines():
                if "text_delta" in line:
                    break
        gateway = gateway_of(here)
        async with asyncio.timeout(5):
            while gateway.in_flight:
                await asyncio.sleep(0.005)
        counted = await spent(here)
    assert 10 * 3_000 < counted < 10 * 3_000 + 12 * 15_000


async def test_a_client_that_leaves_before_the_answer_begins_gets_its_money_back(
    tmp_path: Path,
) -> None:
    gate = asyncio.Event()
    async with world(tmp_path, "{daily_usd: 1.0}", said=Held(gate, after=-1)) as here:
        with pytest.raises(httpx.ReadTimeout):
            await here.client.post("/v1/messages", json=user("hi"), timeout=0.2)
        gateway = gateway_of(here)
        async with asyncio.timeout(5):
            while gateway.in_flight:
                await asyncio.sleep(0.005)
        assert await spent(here) == 0


@pytest.mark.parametrize("status", [400, 500])
async def test_what_fails_costs_nothing(tmp_path: Path, status: int) -> None:
    async with world(tmp_path, "{daily_usd: 1.0}", said=Status(status)) as here:
        assert (await here.ask()).status_code >= 400
        assert await spent(here) == 0


async def test_a_burst_is_let_in_only_as_far_as_the_money_reaches(tmp_path: Path) -> None:
    gate = asyncio.Event()
    held = Held(gate, answer=SAID)
    async with world(tmp_path, "{daily_usd: 0.01}", said=held) as here:
        body = user("hi", max_tokens=100, model="first,dear")  # may cost about $0.0016
        asked = [
            asyncio.create_task(here.client.post("/v1/messages", json=body)) for _ in range(20)
        ]
        done, _ = await asyncio.wait(asked, return_when=asyncio.FIRST_COMPLETED)
        assert {task.result().status_code for task in done} == {429}
        gate.set()
        answers = await asyncio.gather(*asked)
        codes = sorted(answer.status_code for answer in answers)
        counted = await spent(here)
    assert codes == [200] * 6 + [429] * 14
    assert counted == 6 * COST
    assert all(
        orjson.loads(answer.content)["error"]["type"] == "budget_exceeded"
        for answer in answers
        if answer.status_code == 429
    )
