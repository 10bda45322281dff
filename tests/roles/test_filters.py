"""What takes a candidate out of every phase."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from haystacks.pool import Candidate, Capability, Model
from roles.filters import sift, unfit
from tests.roles.world import asked, haystack

POOL = haystack("pool")
ASKS: dict[Capability, str] = {"tools": "tools", "images": "images", "web_search": "web search"}


def refusal(model: Model, **facts: Any) -> str:
    return unfit(Candidate(POOL, model), asked(**facts))


@pytest.mark.parametrize("capability", ASKS)
def test_what_a_model_cannot_do_keeps_the_request_from_it(capability: Capability) -> None:
    lacking = Model("m", capabilities=frozenset(ASKS) - {capability})
    able = Model("m", capabilities=frozenset(ASKS))
    assert refusal(lacking, **{capability: True}) == f"no {ASKS[capability]}"
    assert not refusal(able, **{capability: True})
    assert not refusal(lacking)


def test_thinking_is_a_wish_and_no_condition() -> None:
    assert not refusal(Model("m", capabilities=frozenset()), thinking=True)


@given(st.integers(0, 10**9), st.booleans(), st.booleans(), st.booleans())
def test_what_is_unknown_never_excludes(tokens: int, tools: bool, images: bool, web: bool) -> None:  # noqa: FBT001 - hypothesis names no arguments
    facts = {"tools": tools, "images": images, "web_search": web}
    assert not refusal(Model("m"), tokens=lambda: tokens, token_bound=tokens, **facts)


@given(tokens=st.integers(0, 300_000), window=st.integers(1, 300_000), ceiling=st.integers(1, 99))
def test_a_request_fits_exactly_where_its_tokens_and_an_answer_do(
    tokens: int, window: int, ceiling: int
) -> None:
    reason = refusal(
        Model("m", context_window=window),
        tokens=lambda: tokens,
        token_bound=tokens * 4,
        max_tokens=ceiling,
    )
    assert bool(reason) == (tokens + ceiling > window)


def test_a_ceiling_that_agents_set_to_all_they_could_want_excludes_no_model() -> None:
    model = Model("m", context_window=64_000, max_output=64_000)
    assert not refusal(model, tokens=lambda: 11_000, token_bound=50_000, max_tokens=128_000)
    assert not refusal(Model("m", context_window=64_000), token_bound=50_000, max_tokens=128_000)


def test_a_long_request_says_how_long_it_is() -> None:
    reason = refusal(Model("m", context_window=64_000), tokens=lambda: 70_000, token_bound=280_000)
    assert reason == "too long: 70,000 tokens and an answer for 64,000"


def test_a_candidate_named_twice_is_tried_once() -> None:
    twice = (Candidate(POOL, Model("m")), Candidate(POOL, Model("m")))
    assert len(sift(twice, asked())[0]) == 1


def test_the_order_of_a_chain_is_kept() -> None:
    chain = tuple(Candidate(POOL, Model(name)) for name in "cab")
    assert [each.model.id for each in sift(chain, asked())[0]] == ["c", "a", "b"]
