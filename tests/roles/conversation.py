"""A session as it happens: requests are routed, begun and answered, one after another."""

from dataclasses import dataclass, field
from typing import Any

from haystacks.usage import Usage
from roles.decision import Decision
from roles.facts import Facts
from roles.lane import Ending
from roles.live import Live
from roles.route import route
from roles.session import Session, answered, begun
from roles.view import View
from tests.roles.world import asked

WELL = Ending("ok", "end_turn")


@dataclass(slots=True)
class Conversation:
    """One session before a role, with a clock of its own in seconds.

    ``usage`` is what each answer tells, and ``live`` more of the moment.
    """

    view: View
    usage: Usage | None = None
    now: float = 1000.0
    session: Session | None = None
    live: dict[str, Any] = field(default_factory=dict)
    turn: int = 0

    @property
    def known(self) -> Session:
        assert self.session
        return self.session

    def says(
        self, text: str = "go on", ending: Ending = WELL, lane: str = "main", **more: Any
    ) -> Decision:
        """Begin a turn, and have its first candidate answer."""
        self.turn += 1
        return self.asks(self.facts(text, lane, **more), ending)

    def goes_on(self, ending: Ending = WELL, lane: str = "main", **more: Any) -> Decision:
        """Send a tool's result."""
        return self.asks(self.facts("go on", lane, continues_turn=True, **more), ending)

    def facts(self, text: str, lane: str = "main", **more: Any) -> Facts:
        named = {"session": "s", "conversation": lane, "turn": f"turn {self.turn}"}
        return asked(text, **(named | more))

    def asks(self, facts: Facts, ending: Ending = WELL, by: int = 0) -> Decision:
        decision = self.begins(facts)
        candidate = decision.candidates[by]
        self.session = answered(self.session, facts, candidate, ending, self.usage, self.now)
        return decision

    def begins(self, facts: Facts) -> Decision:
        decision = route(facts, self.view, Live(now=self.now, session=self.session, **self.live))
        self.session = begun(self.session, facts, decision, self.now)
        return decision


def chosen(decision: Decision) -> str:
    return str(decision.candidates[0])


def reasons(decision: Decision) -> str:
    return "; ".join(step.reason for step in decision.trace)
