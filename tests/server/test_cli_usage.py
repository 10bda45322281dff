"""``rolegraph usage``: what was used, read from the database while the server writes to it."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from tests.running import haystack, make_home, running, user, write
from tests.server.program import invoke
from tests.standin import Answer, StandIn

MODELS = "models: [{id: plain-model, price: {input: 3.0, output: 15.0}}]\n"


async def test_the_sums_are_those_of_the_running_server(tmp_path: Path) -> None:
    async with StandIn([Answer(input_tokens=100, output_tokens=7)] * 2) as upstream:
        home = make_home(tmp_path, upstream.url)
        write(home, "haystacks/first.yaml", haystack("first", upstream.url, more=MODELS))
        async with running(home) as proxy, proxy.client() as client:
            for text in ("plan mode", "good morning"):
                await client.post("/v1/messages", json=user(text))
            served = (await client.get("/api/usage", params={"group": "model"})).json()
            asked = ("usage", "--by", "model")
            shown = await asyncio.to_thread(invoke, *asked, cwd=home)
            exact = await asyncio.to_thread(invoke, *asked, "--json", cwd=home)
    assert json.loads(exact.stdout) == {"rows": served["rows"], "total": served["total"]}
    lines = [line.split() for line in shown.stdout.splitlines()]
    assert (lines[0][0], lines[0][-1]) == ("model", "usd")
    # What has no price costs nothing; the points of all sums stand below one another.
    assert [(line[0], line[1], line[-1]) for line in lines[1:]] == [
        ("plain-model", "1", "0.000405"),
        ("deep-model", "1", "0.000000"),
        ("total", "2", "0.000405"),
    ]


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (("--by", "colour"), '"colour": any of role, model'),
        (("--since", "soon"), '"soon" is no date'),
        (("--since", "2026-02-01", "--until", "2026-01-01"), "2026-02-01T00:00:00Z is not before"),
        ((), "nothing is written down yet"),
    ],
)
def test_what_can_not_be_told_is_said_in_a_line(
    tmp_path: Path, options: tuple[str, ...], says: str
) -> None:
    home = make_home(tmp_path, "http://127.0.0.1:9")
    if options:
        (home / "state").mkdir()
        (home / "state" / "rolegraph.db").touch()
    ended = invoke("usage", *options, cwd=home)
    assert ended.returncode == 1
    assert ended.stderr.startswith(says)
    assert ended.stderr.count("\n") == 1
