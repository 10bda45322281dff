"""Extra attempts are a share of the traffic and a floor, whatever fails."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from haystacks.health.retry_budget import FLOOR_PER_SECOND, SECONDS, SHARE, RetryBudget

FLOOR = int(FLOOR_PER_SECOND * SECONDS)

# Seconds that pass, requests that come then, and how many extra attempts they want.
TRAFFIC = st.lists(
    st.tuples(st.floats(0, 4), st.integers(0, 200), st.integers(0, 400)), max_size=30
)


@given(TRAFFIC)
def test_within_any_window_attempts_stay_under_the_share_and_the_floor(
    traffic: list[tuple[float, int, int]],
) -> None:
    budget, now = RetryBudget(), 0.0
    requests: list[float] = []
    extra: list[float] = []
    for seconds, come, wanted in traffic:
        now += seconds
        for _ in range(come):
            budget.request(now)
            requests.append(now)
        taken = sum(budget.take(now) for _ in range(wanted))
        extra += [now] * taken
        # A slot leaves the window as a whole: what is counted spans 90 to 100 % of it.
        paid = sum(at > now - SECONDS for at in requests)
        spent = sum(at > now - SECONDS * 0.9 for at in extra)
        assert not taken or spent <= FLOOR + SHARE * paid


@given(st.lists(st.floats(0, 30), max_size=40))
def test_an_agent_alone_always_gets_through_its_whole_chain(pauses: list[float]) -> None:
    budget, now = RetryBudget(), 0.0
    for pause in pauses:
        now += pause
        if pause < 1:
            continue  # a turn of an agent takes a second at the least
        for _ in range(2):
            budget.request(now)
            assert all(budget.take(now) for _ in range(4))


def test_what_was_taken_is_there_again_after_the_window() -> None:
    budget = RetryBudget()
    assert [budget.take(0.0) for _ in range(FLOOR + 1)].count(False) == 1
    assert not budget.take(SECONDS / 2)
    assert budget.left(SECONDS * 1.1) == FLOOR
