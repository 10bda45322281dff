"""The retry matrix: what an attempt's failure leads to."""

from __future__ import annotations

import pytest

from haystacks import errors
from haystacks.classify import from_status
from haystacks.errors import MATRIX, UpstreamError, rule_of

LEAVES = [
    each
    for each in vars(errors).values()
    if isinstance(each, type)
    and issubclass(each, UpstreamError)
    and each not in (UpstreamError, errors.UpstreamStatus)
]


@pytest.mark.parametrize("leaf", LEAVES)
def test_every_failure_of_an_attempt_has_its_line(leaf: type[UpstreamError]) -> None:
    assert leaf in MATRIX


@pytest.mark.parametrize("status", [401, 402, 403])
def test_no_failure_of_our_own_key_looks_like_the_clients(status: int) -> None:
    error = from_status(status, "authentication_error", "invalid x-api-key")
    assert (error.status, error.kind) == (502, "api_error")


def test_what_goes_nowhere_is_held_against_nobody() -> None:
    for rule in MATRIX.values():
        if rule.next in ("nothing", "window"):
            assert (rule.blamed, rule.rests) == ("nobody", "nothing")


def test_only_an_error_of_the_request_itself_ends_the_walk() -> None:
    ends = {leaf.__name__ for leaf, rule in MATRIX.items() if rule.next == "nothing"}
    assert ends == {"Refused"}
    assert rule_of(errors.LimitReached("full")).next == "nothing"


@pytest.mark.parametrize(("told", "seen"), [(500, 500), (503, 503), (529, 529), (302, 502)])
def test_a_provider_in_trouble_is_told_with_its_own_status_if_it_is_one_of_errors(
    told: int, seen: int
) -> None:
    assert from_status(told, "", "words").status == seen


def test_a_message_stays_short_whatever_it_quotes() -> None:
    error = errors.BadRequest(f"no role {'x' * 5_000_000}")
    assert error.message.startswith("no role xxx")
    assert len(error.message) == len(str(error)) < 11_000
