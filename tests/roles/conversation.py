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


@dataclass(slots=True)
class Conversation:
    """One session before a role, with a clock of its own in seconds."""

    view: View
    now: float = 1000.0
    session: Session | None = None
    live: dict[str, Any] = field(default_factory=dict)
    _turns: int = 0

    def says(self, text: str = "go on", conversation: str = "main", **more: Any) -> Decision:
        """Ask in a new turn."""
        self._turns += 1
        turn = more.pop("turn", f"turn {self._turns}")
        return self.asks(asked(text, session="s", conversation=conversation, turn=turn, **more))

    def asks(self, facts: Facts, **answer: Any) -> Decision:
        """Route a request, and have its first candidate answer."""
        decision = self.begins(facts)
        self.ends(facts, decision, **answer)
        return decision

    def begins(self, facts: Facts) -> Decision:
        live = Live(now=self.now, session=self.session, **self.live)
        decision = route(facts, self.view, live)
        self.session = begun(self.session, facts, decision, self.now)
        return decision

    def ends(
        self,
        facts: Facts,
        decision: Decision,
        ending: Ending | None = None,
        usage: Usage | None = None,
        by: int = 0,
    ) -> None:
        self.session = answered(
            self.session,
            facts,
            decision.candidates[by],
            ending or Ending("ok", "end_turn"),
            usage,
            self.now,
        )

    @property
    def known(self) -> Session:
        assert self.session
        return self.session


def chosen(decision: Decision) -> str:
    return str(decision.candidates[0])
