"""What a session remembers, through any order of begins, answers and judgements."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from haystacks.pool import Candidate, Price
from haystacks.usage import Usage
from roles.decision import Decision
from roles.facts import Facts
from roles.lane import MOST_BEHIND, WARM_SECONDS, Ending, How
from roles.session import (
    MOST_DECISIONS,
    MOST_LANES,
    MOST_LEARNED,
    Session,
    answered,
    begun,
    judged,
    pinned,
    storage_key,
)
from roles.session_json import SESSIONS, as_dict, decode, encode
from tests.roles.world import HAYSTACKS, asked

CANDIDATES = tuple(
    Candidate(HAYSTACKS[name], HAYSTACKS[name].model(model))
    for name, model in (
        ("deepseek", "chat"),
        ("openrouter", "sonnet"),
        ("local", "qwen:latest"),
        ("local", "other"),
        ("local", "third"),
        ("local", "fourth"),
        ("local", "fifth"),
    )
)
CHAT, SONNET, QWEN = CANDIDATES[:3]
USAGE = Usage(input=100, output=50, cache_read=4000)


def decided(*candidates: Candidate, concept: str = "") -> Decision:
    return Decision("tester", "pattern", candidates or (CHAT,), 1.0, concept=concept)


def said(turn: str = "1", conversation: str = "main", **more: Any) -> Facts:
    return asked("words", session="s", conversation=conversation, turn=turn, **more)


@st.composite
def sessions(draw: st.DrawFn) -> Session:
    """Any session that can have come about; time may stand still, or run back a little."""
    session: Session | None = None
    now = 1000.0
    names = st.integers(0, MOST_LANES + 4).map(str)
    for number in range(draw(st.integers(1, 40))):
        now += draw(st.sampled_from((-1.0, 0.0, 5.0, 400.0)))
        facts = said(draw(names), draw(names), continues_turn=draw(st.booleans()))
        candidates = draw(st.permutations(CANDIDATES))
        decision = decided(*candidates, concept=draw(st.sampled_from(("", "a", "b"))))
        session = begun(session, facts, decision, now)
        how: How = draw(st.sampled_from(("ok", "failed", "left")))
        ending = Ending(how, failed=((draw(names), "model"),), decision_id=f"req_{number}")
        session = answered(session, facts, candidates[0], ending, draw(st.none() | USAGES), now)
    assert session
    return session


USAGES = st.builds(Usage, input=st.integers(0, 10**6), output=st.integers(0, 10**5))


@settings(max_examples=40, deadline=None)
@given(sessions(), st.permutations(CANDIDATES))
def test_a_turn_that_has_begun_is_not_begun_again(
    session: Session, others: list[Candidate]
) -> None:
    once = begun(session, said("new"), decided(CHAT, SONNET), 2000.0)
    again = begun(once, said("new"), decided(*others), 2000.0)
    assert again == once
    assert again.lanes["main"].turn.candidate == CHAT.key


@settings(max_examples=40, deadline=None)
@given(sessions())
def test_what_is_remembered_is_bounded(session: Session) -> None:
    assert len(session.lanes) <= MOST_LANES
    assert len(session.models) <= MOST_LEARNED
    assert len(session.decisions) <= MOST_DECISIONS
    assert all(len(lane.turn.chain) <= MOST_BEHIND + 1 for lane in session.lanes.values())


@settings(max_examples=40, deadline=None)
@given(sessions())
def test_a_session_that_has_travelled_is_the_same(session: Session) -> None:
    assert decode(encode(session)) == session
    assert SESSIONS.decode(SESSIONS.encode(session)) == session


@settings(max_examples=40, deadline=None)
@given(sessions(), st.sampled_from((0.0, 60.0, 9000.0)))
def test_people_are_shown_numbers_that_are_in_bounds(session: Session, later: float) -> None:
    shown = as_dict(session, session.used + later)
    assert all(0 <= model["score"] <= 1 for model in shown["models"])
    assert [each["used"] for each in shown["conversations"]] == sorted(
        (each["used"] for each in shown["conversations"]), reverse=True
    )


def test_older_and_newer_forms_of_a_session_are_read() -> None:
    session = decode(b'{"form": 1, "id": "s", "lanes": {"main": {"turn": "1"}}, "unheard": {}}')
    assert session.id == "s"
    assert session.lanes["main"].turn.id == "1"
    for strange in (b'{"form": 99, "lanes": 5}', b"[]", b"{}"):
        assert begun(decode(strange), said(), decided(), 7.0).started == 7.0


def test_an_answer_by_another_candidate_moves_the_turn_there() -> None:
    decision = decided(CHAT, SONNET, QWEN)
    session = begun(None, said(), decision, 1.0)
    moved = answered(session, said(), SONNET, Ending("ok", failed=(CHAT.key,)), None, 2.0)
    assert moved
    turn = moved.lanes["main"].turn
    assert (turn.candidate, turn.chain) == (SONNET.key, (QWEN.key, CHAT.key))
    assert (moved.turns, moved.switches) == (1, 1)


def test_an_answer_that_comes_late_does_not_move_the_next_turn() -> None:
    session = begun(None, said("1"), decided(CHAT), 1.0)
    session = begun(session, said("2"), decided(SONNET), 2.0)
    late = answered(session, said("1"), CHAT, Ending("ok"), None, 3.0)
    assert late
    assert late.lanes["main"].turn.candidate == SONNET.key


def test_a_failed_answer_moves_nothing() -> None:
    session = begun(None, said(), decided(CHAT, SONNET), 1.0)
    session = answered(session, said(), CHAT, Ending("ok"), None, 2.0) or session
    failed = answered(session, said(), SONNET, Ending("failed"), None, 3.0)
    assert failed
    assert failed.lanes == session.lanes


def test_a_forgotten_session_stays_forgotten() -> None:
    assert answered(None, said(), CHAT, Ending("ok"), None, 1.0) is None


def test_a_cache_is_warm_for_five_minutes_after_its_last_use() -> None:
    session = begun(None, said(), decided(QWEN), 0.0)
    session = answered(session, said(), QWEN, Ending("ok"), USAGE, 30.0) or session
    assert session.cached_tokens("main", QWEN.key, WARM_SECONDS - 1) == 4100
    assert session.cached_tokens("main", QWEN.key, WARM_SECONDS) == 0
    assert session.cached_tokens("main", SONNET.key, 1.0) == 0
    assert session.cached_tokens("other", QWEN.key, 1.0) == 0
    used = begun(session, said("2"), decided(QWEN), 200.0)
    used = answered(used, said("2"), QWEN, Ending("ok"), USAGE, 210.0) or used
    assert used.cached_tokens("main", QWEN.key, WARM_SECONDS + 100) == 4100


@pytest.mark.parametrize("price", [Price(3.0, 15.0, 0.3, 3.75), Price(3.0, 15.0)])
def test_who_is_paid_for_writing_a_cache_or_not_for_reading_it_has_cached_what_it_says(
    price: Price,
) -> None:
    claude = Candidate(SONNET.haystack, replace(SONNET.model, price=price))
    session = begun(None, said(), decided(claude), 0.0)
    for usage, cached in ((Usage(9000, 1), 0), (Usage(90, 1, 4000, 500), 4500)):
        told = answered(session, said(), claude, Ending("ok"), usage, 1.0)
        assert told
        assert told.cached_tokens("main", claude.key, 2.0) == cached


def test_requests_of_a_turn_and_tokens_of_an_answer_are_learned() -> None:
    session: Session | None = None
    for turn in range(20):
        session = begun(session, said(str(turn)), decided(CHAT), turn)
        for _ in range(6):
            session = answered(session, said(str(turn)), CHAT, Ending("ok"), Usage(1, 300), turn)
    assert session
    assert round(session.lanes["main"].requests) == 6
    assert round(session.lanes["main"].output) == round(session.typical_output) == 300


def test_haystacks_whose_thoughts_a_history_may_hold_are_known() -> None:
    session = begun(None, said(), decided(CHAT), 0.0)
    for candidate in (CHAT, SONNET, CHAT):
        session = answered(session, said(), candidate, Ending("ok"), None, 1.0) or session
    assert session.lanes["main"].thought_by == ("deepseek", "openrouter")


def test_a_judgement_needs_a_decision_that_is_remembered() -> None:
    session = begun(None, said(), decided(CHAT), 0.0)
    session = answered(session, said(), CHAT, Ending("ok", decision_id="r1"), None, 1.0) or session
    bad = judged(session, "r1", -1.0, 2.0)
    assert bad
    assert bad.models[CHAT.key].badly(3.0)
    assert judged(session, "unheard", 1.0, 2.0) is None


def test_a_pin_comes_with_a_header_and_goes_with_another() -> None:
    session = begun(None, said(headers={"x-rolegraph-pin": "local, qwen"}), decided(CHAT), 0.0)
    assert session.pin == ("local", "qwen")
    assert begun(session, said(), decided(CHAT), 1.0).pin == ("local", "qwen")
    gone = begun(session, said(headers={"x-rolegraph-pin": "None"}), decided(CHAT), 1.0)
    assert gone.pin == ("", "") == pinned(session, None).pin
    assert pinned(gone, CHAT.key).pin == CHAT.key


def test_no_roles_and_no_keys_share_a_session() -> None:
    keys = {storage_key(*names) for names in (("a", "b", "s"), ("ab", "", "s"), ("", "ab", "s"))}
    assert len(keys) == 3
    assert storage_key("a", "b", "x" * 10_000).isalnum()
