"""Health: what is passed over, why, until when, and who hears of it."""

from __future__ import annotations

import orjson
import pytest

from haystacks.errors import (
    ConnectFailed,
    OurKeyRefused,
    Overloaded,
    RateLimited,
    Refused,
    RolegraphError,
    StreamBroken,
)
from haystacks.health.health import Health
from haystacks.pool import Candidate
from haystacks.usage import Usage
from tests.haystacks.walked import Clock, candidate, each

FIRST = candidate(keys=("secret-a", "secret-b"))
SIBLING = Candidate(FIRST.haystack, FIRST.haystack.model("sibling"))
SECOND = candidate("second")

DOWN = Overloaded("down", upstream_status=503)
GONE = ConnectFailed("refused")
FULL = RateLimited("slow down", upstream_status=429, headers={"retry-after": "20"})
BAD_KEY = OurKeyRefused("no", upstream_status=401)


def fail(health: Health, at: Candidate, error: RolegraphError, times: int = 1) -> None:
    for _ in range(times):
        attempt = health.begin(at, resting=True)
        assert attempt is not None
        health.failed(attempt, error)


def answer(health: Health, at: Candidate, error: RolegraphError | None = None) -> None:
    attempt = health.begin(at, resting=True)
    assert attempt is not None
    health.answered(attempt)
    health.finished(at, Usage(10, 20), 2.0, 1.0, error)


def test_a_model_in_trouble_is_ejected_and_its_sibling_is_not() -> None:
    clock = Clock()
    health = Health(clock)
    fail(health, FIRST, DOWN, 5)
    assert health.closed(FIRST) == "ejected for 5 s more: 5 failures in a row, last: status 503"
    assert health.closed(SIBLING) == health.closed(SECOND) == ""
    clock.now += 5
    assert health.closed(FIRST) == ""


def test_failed_connections_eject_all_models_and_one_answer_brings_them_back() -> None:
    clock = Clock()
    health = Health(clock)
    fail(health, FIRST, GONE, 3)
    fail(health, SIBLING, GONE, 2)
    assert health.closed(FIRST) == health.closed(SIBLING) != ""
    clock.now += 5
    answer(health, SIBLING)
    assert health.closed(FIRST) == health.closed(SIBLING) == ""


def test_a_connection_that_works_is_back_even_if_its_model_fails() -> None:
    clock = Clock()
    health = Health(clock)
    fail(health, FIRST, GONE, 5)
    clock.now += 5
    fail(health, FIRST, DOWN)
    assert health.closed(SIBLING) == ""


def test_only_one_request_at_a_time_tries_what_was_ejected() -> None:
    clock = Clock()
    health = Health(clock)
    fail(health, FIRST, DOWN, 5)
    clock.now += 5
    trial = health.begin(FIRST)
    assert trial is not None
    assert "ejected" in health.closed(FIRST)
    health.abandoned(trial)
    assert health.closed(FIRST) == ""


def test_a_stream_that_breaks_counts_and_one_that_its_client_leaves_does_not() -> None:
    health = Health(Clock())
    each(lambda: answer(health, FIRST), 10)
    assert health.closed(FIRST) == ""
    each(lambda: answer(health, FIRST, StreamBroken("cut")), 5)
    assert "a broken stream" in health.closed(FIRST)


def test_a_refusal_is_a_sign_of_life() -> None:
    health = Health(Clock())
    fail(health, FIRST, DOWN, 4)
    fail(health, FIRST, Refused("no such tool", upstream_status=400))
    fail(health, FIRST, DOWN, 4)
    assert health.closed(FIRST) == ""


def test_with_all_keys_at_rest_a_candidate_is_closed_until_the_first_is_back() -> None:
    clock = Clock()
    health = Health(clock)
    fail(health, FIRST, FULL)
    assert health.closed(FIRST) == ""
    fail(health, FIRST, FULL)
    assert health.closed(FIRST) == "rate limited for 20 s more"
    clock.now += 20
    assert health.closed(FIRST) == ""


def test_calls_under_way_are_counted_and_end() -> None:
    health = Health(Clock())
    fail(health, FIRST, DOWN)
    answer(health, FIRST)
    open_attempt = health.begin(FIRST)
    measures = health.measures(FIRST)
    assert open_attempt is not None
    assert measures is not None
    assert (measures.in_flight, measures.success) == (1, 0.5)
    health.abandoned(open_attempt)
    assert (after := health.measures(FIRST)) is not None
    assert after.in_flight == 0


def test_other_processes_follow_in_both_directions() -> None:
    clock, words = Clock(), list[bytes]()
    here, there = Health(clock, words.append), Health(clock)
    fail(here, FIRST, DOWN, 5)
    fail(here, SECOND, FULL)
    each(lambda: there.heard(words.pop(0)), 2)
    assert there.closed(FIRST) == here.closed(FIRST) != ""
    assert there.closed(SECOND) == here.closed(SECOND) != ""
    clock.now += 5
    answer(here, FIRST)
    fail(here, FIRST, DOWN, 4)
    there.heard(words.pop())
    assert there.closed(FIRST) == ""


def test_what_is_told_holds_no_key() -> None:
    words: list[bytes] = []
    health = Health(Clock(), words.append)
    fail(health, FIRST, BAD_KEY, 2)
    assert len(words) == 2
    assert b"secret" not in b"".join(words)


@pytest.mark.parametrize(
    "word",
    [
        b"not json",
        b"[]",
        b'{"haystack": "first"}',
        orjson.dumps({"haystack": 1, "model": "m", "seconds": 5, "reason": ""}),
        orjson.dumps({"haystack": "first", "model": "m", "seconds": 1e9, "reason": ""}),
        orjson.dumps({"haystack": "first", "model": "m", "seconds": "9", "reason": "", "new": 1}),
    ],
)
def test_a_word_that_makes_no_sense_here_changes_nothing(word: bytes) -> None:
    health = Health(Clock())
    health.heard(word)
    assert health.closed(FIRST) == ""


def test_a_person_reads_what_is_wrong_and_never_a_key() -> None:
    clock = Clock()
    health = Health(clock)
    health.failed(health.begin(FIRST, without=["secret-b"]), BAD_KEY)  # type: ignore[arg-type]
    fail(health, SIBLING, DOWN, 5)
    fail(health, SECOND, FULL)
    clock.now += 1
    told = health.describe([FIRST.haystack, SECOND.haystack])
    keys = told["first"]["keys"]
    assert keys[0] == {"key": 0, "state": "refused", "reason": "status 401", "seconds": 299.0}
    assert keys[1] == {"key": 1, "state": "ok"}
    assert told["first"]["models"]["sibling"]["state"] == "ejected"
    assert told["first"]["models"]["sibling"]["measures"]["success"] == 0
    assert told["second"]["keys"][0]["models"]["m"]["seconds"] == 19.0
    assert b"secret" not in orjson.dumps(told)


def test_what_is_forgotten_starts_fresh() -> None:
    health = Health(Clock())
    fail(health, FIRST, DOWN, 5)
    fail(health, SECOND, FULL)
    health.forget(["first", "second"])
    assert health.closed(FIRST) == health.closed(SECOND) == ""
    assert health.measures(FIRST) is None


def test_models_that_clients_make_up_are_not_kept_without_end() -> None:
    health = Health(Clock())
    for number in range(5000):
        fail(health, Candidate(FIRST.haystack, FIRST.haystack.model(f"m{number}")), DOWN)
    assert len(health.describe([FIRST.haystack])["first"]["models"]) <= 2000


def test_a_call_that_outlives_its_haystack_is_not_taken_off_the_count_of_the_next() -> None:
    health = Health(Clock())
    assert health.begin(FIRST)
    health.forget([FIRST.haystack.name])
    health.finished(FIRST, Usage(10, 20), 2.0)
    measures = health.measures(FIRST)
    assert measures
    assert measures.in_flight == 0


def test_who_makes_up_models_does_not_make_it_forget_those_in_use() -> None:
    health = Health(Clock())
    fail(health, FIRST, DOWN, 5)
    for number in range(3000):
        answer(health, Candidate(FIRST.haystack, FIRST.haystack.model(f"made-up-{number}")))
        if number % 1000 == 0:
            fail(health, FIRST, DOWN)
    assert health.closed(FIRST)
