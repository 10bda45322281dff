"""A replayed day is honest: the same for each way of choosing, and paid for to the last token."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

import orjson
import pytest

from bench.replay.day import day
from bench.replay.home import snapshot
from bench.replay.policies import POLICIES
from bench.replay.run import Outcome, replay
from bench.replay.table import Row, markdown, rows
from haystacks.dialect import Json, TokenEstimate
from haystacks.dialects.table import DIALECTS
from haystacks.prices import cost

SEED = 3


def _replayed(*names: str) -> dict[str, list[Outcome]]:
    served = snapshot()
    return {name: asyncio.run(replay(day(4, 4, SEED), POLICIES[name], served)) for name in names}


@pytest.fixture(scope="module")
def outcomes() -> Mapping[str, list[Outcome]]:
    return _replayed(*POLICIES)


def _all(outcomes: Mapping[str, list[Outcome]]) -> dict[str, Row]:
    return {policy: rows(policy, every)[-1] for policy, every in outcomes.items()}


def test_a_routed_day_never_changes_the_model_inside_a_turn(
    outcomes: Mapping[str, list[Outcome]],
) -> None:
    routed = _all(outcomes)["routed"]
    assert routed.inside == 0
    assert routed.between > 0  # it did change
    assert routed.requests > routed.turns > 16


def test_what_clients_are_told_at_list_price_is_what_the_ledger_says(
    outcomes: Mapping[str, list[Outcome]],
) -> None:
    for name, every in outcomes.items():
        told = 0.0
        for outcome in every:
            price = outcome.candidate.model.price
            assert price is not None
            told += cost(price, _usage(outcome))
        assert told == pytest.approx(_all(outcomes)[name].usd, rel=1e-9)


def test_every_way_is_asked_the_same_and_says_the_same(
    outcomes: Mapping[str, list[Outcome]],
) -> None:
    said = {
        tuple((each.ask.lane, each.ask.turn, each.charge.usage["output_tokens"]) for each in every)
        for every in outcomes.values()
    }
    assert len(said) == 1


def test_a_day_is_the_same_for_its_seed(outcomes: Mapping[str, list[Outcome]]) -> None:
    again = _replayed("routed")["routed"]
    assert markdown(rows("routed", again)) == markdown(rows("routed", outcomes["routed"]))


def _usage(outcome: Outcome) -> Json:
    """Return the usage as the client reads it, in its own dialect."""
    estimate = TokenEstimate(lambda: 0, len)
    body = outcome.heard.body
    if body.startswith(b"{"):
        whole = DIALECTS["openai_chat"].decode_response(orjson.loads(body), estimate)
        return dict(whole["usage"])
    decoder = DIALECTS["anthropic"].stream_decoder(estimate)
    usage: Json = {}
    for event in [*decoder.feed(body), *decoder.finish()]:
        usage |= event.get("message", {}).get("usage") or event.get("usage") or {}
    return usage
