import pytest

from kg.concept import Concept
from rolegraph.trigger import TriggerIndex

REASON = Concept("reason", "kg/reason.md", trigger="when a task needs careful reasoning")
SEARCH = Concept("search", "kg/search.md", trigger="when the web must be searched")
INDEX = TriggerIndex([SEARCH, REASON, Concept("silent", "kg/silent.md")])


def test_the_trigger_itself_is_as_near_as_can_be() -> None:
    best = INDEX.best("When a task needs CAREFUL reasoning!", 0.99)
    assert best is not None
    assert best[0] is REASON
    assert best[1] == pytest.approx(1)


def test_rare_words_weigh_more_than_common_ones() -> None:
    best = INDEX.best("when the reasoning", 0)
    assert best is not None
    assert INDEX.best("when careful web", 0) is not None
    assert TriggerIndex([REASON, SEARCH]).best("when reasoning", 0) == INDEX.best(
        "when reasoning", 0
    )


def test_below_the_threshold_there_is_no_best() -> None:
    near = INDEX.best("careful", 0)
    assert near is not None
    assert INDEX.best("careful", near[1]) == near
    assert INDEX.best("careful", near[1] + 0.01) is None


def test_words_of_no_trigger_make_a_prompt_no_less_alike() -> None:
    assert INDEX.best("careful " + "xyzzy " * 1000, 0) == INDEX.best("careful", 0)


def test_a_text_that_shares_no_word_has_no_best() -> None:
    assert INDEX.best("xyzzy", 0) is None
    assert INDEX.best("", 0) is None
    assert TriggerIndex([]).best("when", 0) is None


def test_of_equally_near_triggers_the_higher_priority_is_best() -> None:
    first = Concept("a", "kg/a.md", trigger="deep thought")
    higher = Concept("b", "kg/b.md", trigger="deep thought", priority=60)
    best = TriggerIndex([first, higher]).best("a deep thought", 0)
    assert best is not None
    assert best[0] is higher
