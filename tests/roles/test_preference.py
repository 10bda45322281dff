"""What a session learns counts less as it grows old."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roles.lane import Ending
from roles.preference import HALF_LIFE, Met, Standing, aged, dominant, met_again

OK, FAILED = Ending("ok", "end_turn"), Ending("failed")
A, B = ("one", "a"), ("two", "b")


def after(*endings: Ending) -> Standing:
    standing = Standing()
    for ending in endings:
        standing = standing.ended(ending, 0.0)
    return standing


def test_after_its_half_life_an_experience_counts_half() -> None:
    assert aged(8.0, 100.0, 100.0 + HALF_LIFE) == 4.0
    assert aged(8.0, 100.0, 100.0 + 3 * HALF_LIFE) == 1.0


@given(st.floats(0, 100), st.floats(0, 1e6), st.floats(0, 1e6))
def test_nothing_grows_by_waiting_or_by_a_clock_that_runs_back(
    weight: float, since: float, now: float
) -> None:
    assert 0 <= aged(weight, since, now) <= weight


def test_one_answer_proves_nothing() -> None:
    assert not after(OK).well(0.0)
    assert not after(FAILED).badly(0.0)


def test_who_answers_is_well_known_and_who_fails_is_not() -> None:
    assert after(OK, OK, OK, FAILED).well(0.0)
    assert after(FAILED, FAILED, OK).badly(0.0)
    assert after(Ending("ok", "refusal"), Ending("ok", "refusal")).badly(0.0)


def test_a_proof_grows_old() -> None:
    assert not after(OK, OK).well(HALF_LIFE)


def test_the_steps_of_a_tool_loop_and_a_client_that_leaves_say_nothing() -> None:
    steps = (Ending("ok", "tool_use"), Ending("left"), Ending("ok", "max_tokens"))
    assert after(*steps) == Standing()


def test_a_single_judgement_outweighs_a_day_of_routine() -> None:
    assert after(*[OK] * 100).judged(-1.0, 0.0).badly(0.0)
    assert after(*[FAILED] * 100).judged(1.0, 0.0).well(0.0)


@given(st.lists(st.floats(-1, 1), max_size=20))
def test_a_score_is_from_0_to_1(scores: list[float]) -> None:
    standing = Standing()
    for score in scores:
        standing = standing.judged(score, 0.0)
    assert 0 <= standing.score <= 1


def test_a_session_is_about_what_it_meets_most() -> None:
    met: dict[str, Met] = {}
    for concept in ("rust", "think", "rust", "rust"):
        met = dict(met_again(met, concept, A, 0.0))
    assert dominant(met, 0.0) == "rust"
    assert met["rust"].weight == pytest.approx(3.0)


def test_a_session_is_about_nothing_at_first_nor_where_no_concept_has_half() -> None:
    assert dominant({}, 0.0) == ""
    assert dominant({"rust": Met(1.9, 0.0, A)}, 0.0) == ""
    spread = {name: Met(2.0, 0.0, A) for name in ("a", "b", "c")}
    assert dominant(spread, 0.0) == ""


def test_a_new_subject_takes_the_place_of_an_old_one() -> None:
    met = {"rust": Met(6.0, 0.0, A), "writing": Met(3.0, 2 * HALF_LIFE, B)}
    assert dominant(met, 2 * HALF_LIFE) == "writing"
