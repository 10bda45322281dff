"""What was spent stays spent when a process ends and another begins."""

from __future__ import annotations

from pathlib import Path

import pytest

from server.keys import create_key
from tests.running import haystack, make_home, running, user, write
from tests.standin import Answer, StandIn
from tests.talk import Clock

# An answer costs a cent.
MODELS = "models: [{id: plain-model, price: {input: 1000, output: 0}}]\n"
SAID = Answer(input_tokens=10)
# Enough for two answers, and for what a third is thought to cost.
BUDGET = "{%s: 0.045}"
DAY = 86_400


@pytest.mark.parametrize("whose", ["role", "key"])
@pytest.mark.parametrize("period", ["daily_usd", "monthly_usd"])
async def test_a_new_process_knows_what_was_spent_in_the_period_and_nothing_older(
    tmp_path: Path, whose: str, period: str
) -> None:
    clock = Clock()
    budget = f"budget: {BUDGET % period}"
    async with StandIn([SAID]) as upstream:
        make_home(tmp_path, upstream.url)
        write(tmp_path, "haystacks/first.yaml", haystack("first", upstream.url, more=MODELS))
        write(
            tmp_path,
            "roles/coder.yaml",
            "name: Coder\nscenarios: {default: [first, plain-model]}\n"
            + (budget if whose == "role" else ""),
        )
        headers = {"x-api-key": create_key(tmp_path, "laptop")}
        if whose == "key":
            file = tmp_path / "keys.yaml"
            file.write_text(f"{file.read_text()}  {budget}\n")

        async def statuses(count: int) -> list[int]:
            """Return how so many requests to a new process end."""
            async with running(tmp_path, clock=clock) as server, server.client(**headers) as client:
                body = user("hi", max_tokens=1)
                return [
                    (await client.post("/v1/messages", json=body)).status_code for _ in range(count)
                ]

        assert await statuses(2) == [200, 200]
        assert await statuses(2) == [200, 429]
        clock.now += 40 * DAY
        assert await statuses(1) == [200]


async def test_a_server_whose_database_is_gone_serves_and_says_that_budgets_begin_anew(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async with StandIn([SAID]) as upstream:
        make_home(tmp_path, upstream.url)
        role = f"name: Coder\nscenarios: {{default: [first, m]}}\nbudget: {BUDGET % 'daily_usd'}"
        write(tmp_path, "roles/coder.yaml", role)
        (tmp_path / "state/rolegraph.db").mkdir(parents=True)
        async with running(tmp_path) as server, server.client() as client:
            answer = await client.post("/v1/messages", json=user("hi"))
    assert answer.status_code == 200
    assert "budgets begin anew" in capsys.readouterr().out
