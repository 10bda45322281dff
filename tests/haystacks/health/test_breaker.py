"""A circuit breaker, on a clock that only the test moves."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from haystacks.health.breaker import PATIENCE, Breaker
from haystacks.pool import Tolerance

USUAL = Tolerance()


def failing(breaker: Breaker, now: float, times: int, tolerance: Tolerance = USUAL) -> float:
    return [breaker.failed(now, tolerance, "silence") for _ in range(times)][-1]


def retried(breaker: Breaker, now: float, *, well: bool) -> float:
    trial = breaker.begin(now)
    if well:
        breaker.answered(now, trial=trial)
        return 0.0
    return breaker.failed(now, USUAL, "silence", trial=trial)


def test_the_fifth_failure_in_a_row_ejects_for_five_seconds() -> None:
    breaker = Breaker()
    assert failing(breaker, 1.0, 4) == 0
    assert breaker.admits(1.0, USUAL)
    assert failing(breaker, 1.0, 1) == 5
    assert not breaker.admits(5.9, USUAL)
    assert breaker.admits(6.0, USUAL)
    assert breaker.reason == "5 failures in a row, last: silence"


def test_a_success_between_begins_the_row_anew() -> None:
    breaker = Breaker()
    for _ in range(4):
        failing(breaker, 1.0, 4)
        for _ in range(6):
            breaker.succeeded(1.0)
    assert not breaker.ejected


def test_fewer_successes_than_half_of_twenty_eject() -> None:
    breaker = Breaker()
    for second in range(6):
        failing(breaker, second, 2)
        breaker.succeeded(second)
    assert not breaker.ejected, "18 calls are no sample"
    assert failing(breaker, 6, 2) == 5
    assert breaker.reason == "14 of 20 calls failed, last: silence"


def test_failures_older_than_the_window_are_forgotten() -> None:
    breaker = Breaker()
    for second in range(0, 600, 10):
        failing(breaker, float(second), 2)
        breaker.succeeded(float(second))
    assert not breaker.ejected, "no thirty seconds hold twenty calls"


def test_one_call_at_a_time_tries_and_a_lost_one_holds_nobody_up_for_good() -> None:
    breaker = Breaker()
    failing(breaker, 0.0, 5)
    assert breaker.begin(5.0)
    assert not breaker.admits(5.0, USUAL)
    assert not breaker.admits(5.0 + PATIENCE - 1, USUAL)
    assert breaker.admits(5.0 + PATIENCE, USUAL)


def test_a_trial_that_is_given_up_leaves_room_for_the_next() -> None:
    breaker = Breaker()
    failing(breaker, 0.0, 5)
    breaker.begin(5.0)
    breaker.abandoned()
    assert breaker.admits(5.0, USUAL)


def test_ejections_double_up_to_the_longest_and_shrink_with_time_in_use() -> None:
    breaker = Breaker()
    now, lengths = 0.0, [failing(breaker, 0.0, 5)]
    for _ in range(7):
        now += lengths[-1]
        lengths.append(retried(breaker, now, well=False))
    assert lengths == [5, 10, 20, 40, 80, 160, 300, 300]
    now += 300
    retried(breaker, now, well=True)
    assert not breaker.ejected
    assert failing(breaker, now + 2 * 300, 5) == 80  # 320 would be next; two halves off


def test_calls_from_before_an_ejection_neither_end_nor_lengthen_it() -> None:
    breaker = Breaker()
    before = breaker.begin(0.0)
    failing(breaker, 0.0, 5)
    assert not breaker.answered(1.0, trial=before)
    assert breaker.failed(9.0, USUAL, "silence", trial=before) == 0
    assert breaker.until == 5.0


def test_a_last_resort_that_is_answered_ends_the_ejection_at_once() -> None:
    breaker = Breaker()
    failing(breaker, 0.0, 5)
    assert retried(breaker, 1.0, well=False) == 0
    assert breaker.until == 5.0
    retried(breaker, 1.0, well=True)
    assert not breaker.ejected


def test_where_probes_decide_users_wait_for_them_but_not_for_ever() -> None:
    breaker, probed = Breaker(), Tolerance(probe=10)
    failing(breaker, 0.0, 5, probed)
    assert not breaker.admits(20.0, probed)
    assert breaker.admits(35.0, probed)


def test_what_another_process_tells_is_followed() -> None:
    breaker = Breaker()
    breaker.told(0.0, 20.0, "5 failures in a row")
    assert not breaker.admits(19.0, USUAL)
    breaker.told(19.0, 0.0, "")
    assert breaker.admits(19.0, USUAL)


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["begin", "answered", "failed", "succeeded", "abandoned", "told"]),
        st.floats(0, 400),
    ),
    max_size=60,
)


@given(STEPS)
def test_whatever_happened_it_admits_a_call_again_when_nothing_more_happens(
    steps: list[tuple[str, float]],
) -> None:
    breaker, now, trial = Breaker(), 0.0, False
    for step, seconds in steps:
        now += seconds
        match step:
            case "begin":
                trial = breaker.begin(now)
            case "answered":
                breaker.answered(now, trial=trial)
            case "failed":
                assert breaker.failed(now, USUAL, "silence", trial=trial) <= USUAL.eject_most
            case "succeeded":
                breaker.succeeded(now)
            case "abandoned":
                breaker.abandoned()
            case "told":
                breaker.told(now, min(seconds, 300.0), "told")
    assert breaker.admits(now + max(USUAL.eject_most, PATIENCE), USUAL)
