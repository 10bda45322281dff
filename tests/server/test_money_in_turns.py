"""Money in the midst of a turn: a model that can't be paid any more is left, and no sooner."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from tests.running import haystack, make_home, running, write
from tests.standin import Behaviour, Seen, StandIn
from tests.talk import AGAIN, Talk, looking, went

SESSION = {"x-session-id": "s1"}
DEAR, GIFT = "first,plain-model", "second,plain-model"
# US dollars for a million tokens: an answer costs $0.0006, and a little more is set aside.
PRICES = {"first": "{input: 3.0, output: 15.0}", "second": "{input: 0, output: 0}"}
ROLE = """
    name: Coder
    shortname: coder
    strategy: static
    haystacks: [first, second]
    scenarios: {default: [[first, plain-model], [second, plain-model]]}
    budget: {daily_usd: 0.01, when_spent: %s}
"""


def script(seen: Seen) -> Behaviour:
    return looking(seen, input_tokens=100, output_tokens=20)


@asynccontextmanager
async def talking(home: Path, when_spent: str) -> AsyncIterator[Talk]:
    async with StandIn(script) as upstream:
        make_home(home, upstream.url)
        for name, price in PRICES.items():
            models = f"models: [{{id: plain-model, price: {price}}}]"
            write(home, f"haystacks/{name}.yaml", haystack(name, upstream.url, more=models))
        write(home, "roles/coder.yaml", ROLE % when_spent)
        async with running(home) as server, server.client() as client:
            yield Talk(client, dict(SESSION))


async def left(talk: Talk) -> float:
    told = (await talk.client.post("/api/route", json={"prompt": "hi"})).json()
    share: float = told["budget"]["left"]
    return share


async def test_what_is_free_takes_the_turn_before_more_is_spent_than_there_is(
    tmp_path: Path,
) -> None:
    async with talking(tmp_path, "free") as talk:
        by = [await talk.says(AGAIN)]
        while by[-1] == DEAR:
            assert await left(talk) > 0, "all was spent, and nobody was refused"
            by.append(await talk.result())
        assert 0 < await left(talk) < 0.3
        assert await talk.result() == GIFT
    assert len(by) > 5


async def test_many_at_once_in_their_turns_spend_no_more_than_there_is(tmp_path: Path) -> None:
    async with talking(tmp_path, "free") as talk:
        agents = [
            Talk(talk.client, {**SESSION, "x-claude-code-agent-id": f"a{number}"})
            for number in range(10)
        ]
        by = [await agent.says(AGAIN) for agent in agents]
        assert by == [DEAR] * 10
        for _ in range(3):
            by += await asyncio.gather(*(agent.result() for agent in agents))
        share = await left(talk)
    assert by[-1] == GIFT
    assert share > 0


async def test_where_nothing_else_may_answer_the_turn_hears_that_the_money_is_gone(
    tmp_path: Path,
) -> None:
    async with talking(tmp_path, "refuse") as talk:
        await talk.says(AGAIN)
        await talk.result()
        talk.messages.pop()
        while (answer := await talk.post()).status_code == 200:
            assert went(answer) == DEAR
        assert answer.json()["error"]["type"] == "budget_exceeded"
        assert 0 < await left(talk) < 0.3
