"""When money decides, and what it leaves alone."""

from haystacks.pool import Candidate
from roles.budget import Allowance
from roles.decision import Decision
from roles.live import Live
from roles.role import Role
from roles.route import route
from tests.roles.world import asked, names, role, view

CHAIN = """
scenarios:
  default: [[openrouter, sonnet], [openrouter, sonar], [deepseek, reasoner], [deepseek, chat]]
  think: [deepseek, reasoner]
"""
SHORT = Live(allowance=Allowance(left=0.12))


def decided(own: Role, live: Live = SHORT, *, thinking: bool = False) -> Decision:
    return route(asked("hi", token_bound=4_000, tools=True, thinking=thinking), view(own), live)


def reason(decision: Decision) -> str:
    return next(step.reason for step in decision.trace if step.phase == "cost")


def test_cost_first_orders_the_scenarios_chain_by_what_the_turn_would_cost() -> None:
    decision = decided(role(CHAIN, strategy="cost_first"), Live())
    assert (decision.phase, decision.scenario) == ("cost", "default")
    assert names(decision.candidates) == [
        "deepseek,chat",
        "deepseek,reasoner",
        "openrouter,sonnet",
    ]
    # Four requests of 1,000 tokens, of which no cache spares any, and 800 tokens of answer each.
    assert reason(decision) == (
        "cost_first: deepseek,chat at about $0.004720, then deepseek,reasoner at about $0.009440"
    )


def test_a_budget_that_runs_short_puts_the_cheapest_first_whatever_the_strategy() -> None:
    for strategy in ("static", "balanced", "quality_first"):
        decision = decided(role(CHAIN, strategy=strategy))
        assert (decision.phase, names(decision.candidates)[0]) == ("cost", "deepseek,chat")
        assert reason(decision).startswith("12% of a budget is left: ")


def test_where_money_is_not_short_the_written_order_stays() -> None:
    own = role(CHAIN, strategy="static")
    decision = decided(own, Live(allowance=Allowance(left=0.2)))
    assert (decision.phase, names(decision.candidates)[0]) == ("scenario", "openrouter,sonnet")
    assert reason(decision) == "the strategy is static, and no budget runs short"


def test_a_scenario_that_leads_to_one_model_leaves_nothing_to_choose() -> None:
    decision = decided(role(CHAIN), thinking=True)
    assert (decision.phase, names(decision.candidates)[0]) == ("scenario", "deepseek,reasoner")
    assert "there is nothing to choose" in reason(decision)


def test_what_is_closed_is_not_chosen_for_its_price() -> None:
    def closed(candidate: Candidate) -> str:
        return "ejected" if candidate.model.id == "chat" else ""

    decision = decided(role(CHAIN), Live(allowance=Allowance(left=0.1), closed=closed))
    assert names(decision.candidates)[0] == "deepseek,reasoner"
