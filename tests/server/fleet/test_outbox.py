"""What waits for Redis arrives exactly once, whatever was lost on the way."""

from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from haystacks.shared import Amount
from server.fleet.outbox import MOST, Addition, Outbox


class Elsewhere:
    """A counter that takes each addition once, if it comes in the order of the numbers."""

    def __init__(self) -> None:
        self.total = 0
        self.heard = 0

    def take(self, addition: Addition) -> None:
        if addition.number > self.heard:
            self.heard = addition.number
            self.total += sum(amount.by for amount in addition.amounts)


def one(by: int) -> tuple[Amount, ...]:
    return (Amount("a", by, 60),)


# What happens to one message: it arrives and so does the answer, or one of the two is lost.
FATES = st.sampled_from(["arrives", "answer lost", "lost"])


@given(st.lists(st.tuples(st.integers(-5, 5), st.booleans(), FATES), max_size=30), st.data())
def test_all_arrives_once_and_what_is_pending_is_what_lacks_or_may_lack(
    steps: list[tuple[int, bool, str]], data: st.DataObject
) -> None:
    numbers, elsewhere, expected = itertools.count(1), Elsewhere(), 0
    outbox = Outbox(lambda: next(numbers))
    for by, at_once, fate in steps:
        expected += by
        if not at_once or outbox:  # while anything is in doubt, nothing overtakes it
            outbox.put(one(by))
            continue
        addition = Addition(next(numbers), one(by))
        if fate != "lost":
            elsewhere.take(addition)
        if fate != "arrives":
            outbox.doubt(addition)
    while outbox:
        for addition in outbox.additions():
            fate = data.draw(FATES)
            if fate != "lost":
                elsewhere.take(addition)
            if fate != "arrives":
                break  # the connection is gone
            outbox.confirm(addition)
    assert elsewhere.total == expected
    assert outbox.pending("a") == 0


def test_amounts_of_one_counter_travel_together_and_nothing_at_all_does_not_travel() -> None:
    outbox = Outbox(itertools.count(1).__next__)
    outbox.put([Amount("a", 0, 60)])
    assert not outbox
    outbox.put([*one(2), Amount("b", 1, 60), *one(3)])
    assert (outbox.pending("a"), outbox.pending("b")) == (5, 1)
    addition = next(outbox.additions())
    outbox.confirm(addition)
    assert not outbox
    assert addition.amounts == (Amount("a", 5, 60), Amount("b", 1, 60))


def test_what_a_long_outage_leaves_travels_in_parts_that_arrive_in_time() -> None:
    outbox = Outbox(itertools.count(1).__next__)
    outbox.put([Amount(str(each), 1, 60) for each in range(2 * MOST + 1)])
    sizes = []
    for addition in outbox.additions():
        sizes.append(len(addition.amounts))
        outbox.confirm(addition)
    assert sizes == [MOST, MOST, 1]
