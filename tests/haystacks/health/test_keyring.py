"""Which key a call takes, and what rests for how long."""

from __future__ import annotations

import pytest

from haystacks.errors import Forbidden, ModelMissing, OurKeyRefused, RateLimited, UpstreamStatus
from haystacks.health.keyring import Keyring
from haystacks.pool import Candidate
from tests.haystacks.walked import candidate

THREE = candidate(keys=("a", "b", "c"))
OTHER_MODEL = Candidate(THREE.haystack, THREE.haystack.model("other"))


def limited(wait: str = "") -> RateLimited:
    headers = {"retry-after": wait} if wait else {}
    return RateLimited("slow down", upstream_status=429, headers=headers)


def chosen(keyring: Keyring, now: float = 0.0, at: Candidate = THREE) -> set[str | None]:
    return {keyring.choose(at, f"session {n}", now) for n in range(40)}


def rest_of(keyring: Keyring, error: UpstreamStatus, now: float = 0.0, key: str = "a") -> float:
    rested = keyring.failed(THREE, key, error, now)
    assert rested is not None
    return rested[1].seconds


def test_a_session_keeps_its_key_and_those_without_one_take_turns() -> None:
    keyring = Keyring()
    assert len({keyring.choose(THREE, "s", 0.0) for _ in range(5)}) == 1
    assert [keyring.choose(THREE, "", 0.0) for _ in range(4)] == ["a", "b", "c", "a"]
    assert chosen(keyring) == {"a", "b", "c"}


def test_a_rate_limited_key_rests_for_its_model_alone_and_then_serves_again() -> None:
    keyring = Keyring()
    keyring.failed(THREE, "a", limited("20"), 0.0)
    assert chosen(keyring, 19.0) == {"b", "c"}
    assert chosen(keyring, 19.0, OTHER_MODEL) == {"a", "b", "c"}
    assert chosen(keyring, 20.0) == {"a", "b", "c"}


def test_a_session_whose_key_rests_goes_back_to_it() -> None:
    keyring = Keyring()
    own = keyring.choose(THREE, "s", 0.0) or ""
    keyring.failed(THREE, own, limited("20"), 0.0)
    assert keyring.choose(THREE, "s", 1.0) != own
    assert keyring.choose(THREE, "s", 21.0) == own


@pytest.mark.parametrize(
    ("told", "seconds"), [("20", 20), ("0", 1), ("-5", 1), ("86400", 300), ("0.2", 1)]
)
def test_retry_after_counts_as_one_to_three_hundred_seconds(told: str, seconds: float) -> None:
    assert rest_of(Keyring(), limited(told)) == seconds


@pytest.mark.parametrize("told", ["", "nan", "soon", "Wed, 21 Oct 2026 07:28:00 GMT"])
def test_a_rest_of_no_named_length_grows_with_each_and_an_answer_ends_that(told: str) -> None:
    keyring = Keyring()
    assert [rest_of(keyring, limited(told)) for _ in range(8)] == [1, 2, 4, 8, 16, 32, 60, 60]
    keyring.answered(THREE, "a")
    assert rest_of(keyring, limited(told)) == 1


def test_a_refused_key_rests_for_all_models_and_a_forbidden_one_for_its_own() -> None:
    keyring = Keyring()
    keyring.failed(THREE, "a", OurKeyRefused("no", upstream_status=401), 0.0)
    keyring.failed(THREE, "b", Forbidden("no", upstream_status=403), 0.0)
    assert chosen(keyring, 299.0) == {"c"}
    assert chosen(keyring, 299.0, OTHER_MODEL) == {"b", "c"}


def test_a_missing_model_rests_whatever_the_key() -> None:
    keyring = Keyring()
    keyring.failed(THREE, "a", ModelMissing("no", upstream_status=404), 0.0)
    rest = keyring.closed(THREE, 59.0)
    assert rest is not None
    assert (rest.until, rest.reason) == (60.0, "status 404")
    assert keyring.closed(OTHER_MODEL, 59.0) is None


def test_when_all_rest_the_soonest_is_named_and_is_the_last_resort() -> None:
    keyring = Keyring()
    for key, wait in (("a", "40"), ("b", "10"), ("c", "70")):
        keyring.failed(THREE, key, limited(wait), 0.0)
    rest = keyring.closed(THREE, 0.0)
    assert rest is not None
    assert rest.until == 10.0
    assert keyring.choose(THREE, "s", 0.0) is None
    assert keyring.choose(THREE, "s", 0.0, resting=True) == "b"
    assert keyring.choose(THREE, "s", 0.0, resting=True, without=["b"]) == "a"


def test_a_new_key_in_the_file_starts_fresh() -> None:
    keyring = Keyring()
    keyring.failed(candidate(keys=("old",)), "old", OurKeyRefused("no", upstream_status=401), 0.0)
    assert keyring.choose(candidate(keys=("new",)), "s", 1.0) == "new"


def test_a_refused_subscription_is_one_clients_and_rests_for_nobody() -> None:
    keyring, subscribed = Keyring(), candidate(keys=(), passthrough=True)
    assert keyring.failed(subscribed, "", limited("20"), 0.0) is None
    assert keyring.closed(subscribed, 0.0) is None


def test_models_that_clients_make_up_are_not_kept_without_end() -> None:
    keyring = Keyring()
    for number in range(3000):
        made_up = Candidate(THREE.haystack, THREE.haystack.model(f"m{number}"))
        keyring.failed(made_up, "a", ModelMissing("no", upstream_status=404), number / 1000)
    assert len(keyring.rests) <= 1000
