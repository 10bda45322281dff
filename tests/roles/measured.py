"""Candidates as they are measured, for the tests of what ranks them."""

from collections.abc import Callable, Mapping

from haystacks.health.measures import Measures
from haystacks.pool import Candidate, Model, Price
from tests.roles.world import haystack

Shown = Mapping[str, Measures]


def shown(
    first_token: float = 0.5,
    tokens_per_second: float = 50.0,
    success: float = 1.0,
    *,
    samples: float = 100.0,
    in_flight: int = 0,
) -> Measures:
    return Measures(samples, first_token, tokens_per_second, success, in_flight)


def measures(by_model: Shown) -> Callable[[Candidate], Measures | None]:
    return lambda candidate: by_model.get(candidate.model.id)


FAIR = Price(1.0, 5.0)


def some(name: str, price: Price | None = FAIR, quality: float = 0.5) -> Candidate:
    return Candidate(haystack("pool"), Model(name, price=price, quality=quality))


def models(candidates: tuple[Candidate, ...]) -> list[str]:
    return [each.model.id for each in candidates]
