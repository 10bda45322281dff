"""A new turn stays where its cache is warm, or goes where the session was answered well."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import pytest

from haystacks.pool import Candidate, Model, Price
from haystacks.usage import Usage
from roles.decision import Decision
from roles.lane import Ending
from roles.preference import HALF_LIFE
from roles.session import judged
from tests.roles.conversation import Conversation, chosen
from tests.roles.world import SEES, concept, haystack, role, view

HOMES = {
    "cloud": haystack(
        "cloud",
        Model("claude", 200_000, None, Price(3.0, 15.0, 0.3, 3.75), SEES),
        Model("gpt", 400_000, None, Price(1.25, 10.0, 0.125), SEES),
        Model("small", 64_000, None, Price(0.01, 0.02), SEES),
        Model("free", price=Price(0.0, 0.0)),
        "unpriced",
    )
}
CONCEPTS = (concept("rust", "cloud,claude"), concept("poem", "cloud,free"))
WARM = Usage(input=200, output=500, cache_read=83_000, cache_write=1000)
TINY = Usage(input=200, output=20, cache_write=500)
FAILED = Ending("failed")
NOTHING: Mapping[str, str] = MappingProxyType({})


def session(
    default: str = "gpt",
    *,
    usage: Usage | None = WARM,
    rust: int = 1,
    phases: str = "scenario",
    also: Mapping[str, str] = NOTHING,
) -> Conversation:
    """Return a session in which claude has answered some turns about rust."""
    chains = {name: f"[cloud, {model}]" for name, model in also.items()}
    lines = "\n".join(f"  {name}: {chain}" for name, chain in chains.items())
    lines = f"scenarios:\n  default: [[cloud, {default}], [cloud, claude]]\n{lines}"
    own = role(lines, phases=f"[explicit, pattern, session, {phases}]", long_context_threshold=9000)
    talk = Conversation(view(own, CONCEPTS, HOMES), usage)
    for _ in range(rust):
        assert chosen(talk.says("rust")) == "cloud,claude"
    return talk


def told(decision: Decision) -> str:
    return next(step.reason for step in decision.trace if step.phase == "session")


# -- While a cache is warm


def test_a_turn_stays_while_a_switch_would_cost_more_and_says_the_dollars() -> None:
    decision = session().says("and now?")
    assert (decision.phase, chosen(decision)) == ("session", "cloud,claude")
    # Claude reads 84,000 and writes 502 more; gpt would read all 84,502 for the first time.
    # 500 tokens of output each: 15.0 against 10.0.
    stays = (84_000 * 0.3 + 502 * 3.75 + 500 * 15.0) / 1e6
    goes = (84_502 * 1.25 + 500 * 10.0) / 1e6
    assert told(decision) == (
        "stays: 84,000 tokens are cached there; "
        f"a switch to cloud,gpt would cost ${goes - stays:.4f} more over this turn"
    )
    assert 0 < decision.confidence < 1


def test_it_goes_where_a_switch_saves_money() -> None:
    decision = session("free").says()
    assert (decision.phase, chosen(decision)) == ("scenario", "cloud,free")
    assert "a switch to cloud,free saves $0.03" in told(decision)


def test_the_longer_its_turns_the_sooner_a_switch_pays() -> None:
    talk = session()
    for _ in range(60):
        talk.goes_on()
    assert "a switch to cloud,gpt saves" in told(talk.says())


def test_a_cache_is_cold_after_five_minutes() -> None:
    talk = session(rust=1)
    talk.now += 299
    assert chosen(talk.says()) == "cloud,claude"
    talk.now += 299
    assert chosen(talk.says()) == "cloud,claude"
    talk.now += 300
    assert chosen(talk.says()) == "cloud,gpt"


def test_unknown_prices_are_no_reason_to_leave() -> None:
    decision = session("unpriced").says()
    assert chosen(decision) == "cloud,claude"
    assert "what a switch to cloud,unpriced would cost is unknown" in told(decision)


def test_a_prompt_too_short_to_be_cached_holds_nobody() -> None:
    assert chosen(session(usage=TINY).says()) == "cloud,gpt"


def test_a_cache_of_the_other_model_counts_too() -> None:
    talk = session()
    talk.asks(talk.facts("x", model="cloud,gpt", turn="x"))
    talk.says("rust")
    assert "a switch to cloud,gpt saves" in told(talk.says())


def test_a_pattern_switches_in_the_midst_of_a_session() -> None:
    decision = session().says("a poem")
    assert (decision.phase, chosen(decision)) == ("pattern", "cloud,free")


@pytest.mark.parametrize(
    ("scenario", "field"),
    [("image", "new_images"), ("think", "thinking"), ("web_search", "web_search")],
)
def test_what_is_newly_asked_of_a_model_is_given(scenario: str, field: str) -> None:
    talk = session(also={scenario: "unpriced"})
    more: dict[str, Any] = {field: True}
    decision = talk.says(**more)
    assert (decision.phase, chosen(decision)) == ("scenario", "cloud,unpriced")
    assert told(decision) == f"{scenario} is newly asked for"


def test_what_was_asked_of_the_model_before_is_not_new() -> None:
    talk = session(also={"image": "gpt"})
    talk.says("rust", new_images=True)
    assert chosen(talk.says(new_images=True)) == "cloud,claude"


def test_a_turn_that_would_outgrow_the_model_does_not_begin_there() -> None:
    decision = session().says(token_bound=800_000, tokens=lambda: 180_000)
    assert chosen(decision) == "cloud,gpt"
    assert told(decision) == "a turn that begins would soon outgrow cloud,claude"


def test_a_model_with_little_room_stays_where_no_other_has_more() -> None:
    decision = session("small").says(token_bound=800_000, tokens=lambda: 180_000)
    assert chosen(decision) == "cloud,claude"


def test_length_alone_is_no_reason_to_leave_a_cache() -> None:
    decision = session(also={"long_context": "gpt"}).says(token_bound=10_000, tokens=lambda: 10_000)
    assert (decision.phase, chosen(decision)) == ("session", "cloud,claude")


def test_another_conversation_of_the_session_has_no_cache_there() -> None:
    assert chosen(session().says(lane="subagent")) == "cloud,gpt"


def test_a_warm_model_that_can_not_take_the_request_is_left() -> None:
    talk = session(also={"image": "gpt"})
    decision = talk.says(token_bound=300_000, tokens=lambda: 300_000)
    assert chosen(decision) == "cloud,gpt"
    assert "too long" in told(decision)


def test_a_closed_model_is_left_and_the_reason_told() -> None:
    talk = session()

    def closed(candidate: Candidate) -> str:
        return "ejected" if candidate.model.id == "claude" else ""

    talk.live["closed"] = closed
    assert "cloud,claude: ejected" in told(talk.says())


def test_without_a_later_phase_a_warm_conversation_keeps_its_model() -> None:
    talk = session(phases="pattern")
    assert chosen(talk.says()) == "cloud,claude"


# -- While none is


def test_a_model_that_answers_the_sessions_subject_well_is_kept_for_it() -> None:
    decision = session(usage=TINY, rust=3).says("and now?")
    assert (decision.phase, chosen(decision)) == ("session", "cloud,claude")
    assert decision.concept == "rust"
    assert told(decision) == (
        'the session is mostly about "rust", which cloud,claude answers well (100%)'
    )


def test_a_preference_does_not_feed_itself() -> None:
    talk = session(usage=TINY, rust=3)
    before = talk.known.concepts
    talk.says()
    assert talk.known.concepts == before


@pytest.mark.parametrize("turns", [0, 1])
def test_one_turn_makes_no_preference(turns: int) -> None:
    assert chosen(session(usage=TINY, rust=turns).says()) == "cloud,gpt"


def test_a_concept_that_was_edited_away_is_no_preference() -> None:
    talk = session(usage=TINY, rust=3)
    talk.view = view(talk.view.role, [concept("rust", "cloud,free")], HOMES)
    assert chosen(talk.says()) == "cloud,gpt"
    talk.view = view(talk.view.role, [], HOMES)
    assert chosen(talk.says()) == "cloud,gpt"


@pytest.mark.parametrize("usage", [TINY, WARM])
def test_the_same_words_again_go_where_the_files_now_say(usage: Usage) -> None:
    talk = session(usage=usage, rust=0)
    for _ in range(4):
        assert chosen(talk.asks(talk.facts("rust", turn="~again"))) == "cloud,claude"
    talk.view = view(talk.view.role, [], HOMES)
    assert chosen(talk.asks(talk.facts("rust", turn="~again"))) == "cloud,gpt"


def test_a_preference_fades() -> None:
    talk = session(usage=TINY, rust=3)
    talk.now += HALF_LIFE
    assert chosen(talk.says()) == "cloud,gpt"


def test_work_of_a_kind_of_its_own_is_left_to_its_scenario() -> None:
    talk = session(usage=TINY, rust=3, also={"background": "free"})
    assert chosen(talk.says(model="claude-haiku-5-5")) == "cloud,free"


def test_a_bad_judgement_ends_a_preference() -> None:
    talk = session(usage=TINY, rust=3)
    talk.says("rust", Ending("ok", "end_turn", decision_id="r"))
    talk.session = judged(talk.known, "r", -1.0, talk.now)
    assert chosen(talk.says()) == "cloud,gpt"


def test_a_bad_judgement_outweighs_a_warm_cache() -> None:
    talk = session(rust=3)
    talk.says("rust", Ending("ok", "end_turn", decision_id="r"))
    talk.session = judged(talk.known, "r", -1.0, talk.now)
    assert chosen(talk.says()) == "cloud,gpt"


def test_who_answers_badly_gives_way_to_who_answered_well() -> None:
    talk = session(usage=TINY, rust=0)
    talk.says("one", model="cloud,claude")
    talk.says("two", model="cloud,claude")
    for _ in range(2):
        talk.says("rather this one", FAILED)
    decision = talk.says()
    assert (decision.phase, chosen(decision)) == ("session", "cloud,claude")
    assert (
        told(decision) == "cloud,gpt has answered this session badly, and cloud,claude well (100%)"
    )


def test_where_nobody_answers_well_the_chain_stays_as_it_is() -> None:
    talk = session(usage=TINY, rust=0)
    for _ in range(3):
        talk.says("one", FAILED)
    assert chosen(talk.says()) == "cloud,gpt"


def test_who_is_judged_badly_gives_way_to_the_next_of_the_chain_till_that_is_too() -> None:
    talk = session(usage=TINY, rust=0)
    talk.view = view(role("scenarios: {default: [[cloud, gpt], [cloud, free]]}"), (), HOMES)
    talk.says("one", Ending("ok", "end_turn", decision_id="a"))
    talk.session = judged(talk.known, "a", -1.0, talk.now)
    decision = talk.says("two", Ending("ok", "end_turn", decision_id="b"))
    assert (decision.phase, chosen(decision)) == ("session", "cloud,free")
    assert told(decision) == "cloud,gpt was judged badly in this session, and cloud,free was not"
    assert str(decision.candidates[1]) == "cloud,gpt"
    talk.session = judged(talk.known, "b", -1.0, talk.now)
    assert chosen(talk.says("three")) == "cloud,gpt"


def test_a_role_without_the_phase_asks_nothing_of_the_session() -> None:
    talk = session(rust=3)
    talk.view = view(role("scenarios: {default: [cloud, gpt]}", phases="[scenario]"), (), HOMES)
    assert chosen(talk.says()) == "cloud,gpt"


def test_a_session_that_begins_says_so() -> None:
    assert told(session(rust=0).says()) == "nothing is known of the session yet"
