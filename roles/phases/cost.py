"""Phase 3: what costs least, where money is what counts or runs short."""

from __future__ import annotations

from roles.facts import Facts
from roles.live import Live
from roles.phases.answer import Answer, Pass
from roles.phases.scenario import choice
from roles.ranking import Undecided, by_cost
from roles.view import View


def cost(facts: Facts, view: View, live: Live) -> Answer | Pass:
    """Answer with the scenario's candidates, the cheapest for this request first.

    It does so for the strategy ``cost_first``, and for any where a budget is
    under pressure, ``static`` too.
    """
    strategy = view.role.strategy
    if live.allowance.pressed:
        because = f"{live.allowance.left:.0%} of a budget is left"
    elif strategy == "cost_first":
        because = strategy
    else:
        return Pass(f"the strategy is {strategy}, and no budget runs short")
    chain = choice(facts, view, live)
    if isinstance(chain, Pass):
        return chain
    said = by_cost(chain.candidates, facts, live)
    if isinstance(said, Undecided):
        return Pass(said.reason)
    return Answer(
        candidates=said.candidates,
        reason=f"{because}: {said.reason}",
        confidence=said.confidence,
        scenario=chain.name,
        skipped=chain.skipped,
    )
