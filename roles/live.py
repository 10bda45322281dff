"""How things stand at the moment of a request: what no file says."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import field
from datetime import tzinfo

from haystacks.health.measures import Measures
from haystacks.pool import Candidate
from kg.value import value
from roles.budget import UNLIMITED, Allowance
from roles.session import Session


def everything_open(_candidate: Candidate) -> str:
    """Close nothing."""
    return ""


def _unmeasured(_candidate: Candidate) -> Measures | None:
    return None


@value
class Live:
    """What the phases may ask of the world, as one moment shows it.

    ``now`` is Unix time in seconds; ``chance`` a random number from 0 to 1,
    drawn for this request. ``closed`` tells why no call should be made to a
    candidate now (ejected, cooling down, over its limits), empty where one may.
    ``measures`` tells how a candidate has lately answered. ``key`` is the name
    of the client's key. ``zone`` is what hours are told in: ``None`` is the server's own.
    """

    now: float = 0.0
    session: Session | None = None
    allowance: Allowance = UNLIMITED
    closed: Callable[[Candidate], str] = field(default=everything_open, repr=False)
    measures: Callable[[Candidate], Measures | None] = field(default=_unmeasured, repr=False)
    chance: float = 1.0
    key: str = ""
    zone: tzinfo | None = None

    @property
    def all_open(self) -> bool:
        """Whether nothing is closed and nothing over budget: so it mostly is."""
        return self.closed is everything_open and not self.allowance.spent


# Nothing has happened yet: what the command line, and a server at its start, decide by.
AT_REST = Live()
