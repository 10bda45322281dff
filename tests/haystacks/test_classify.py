import pytest

from haystacks.classify import from_event, from_status
from haystacks.dialect import Json
from haystacks.errors import (
    Conflict,
    ModelMissing,
    OurKeyRefused,
    Overloaded,
    RateLimited,
    Refused,
    UpstreamStatus,
)


@pytest.mark.parametrize(
    ("status", "leaf"),
    [
        (400, Refused),
        (401, OurKeyRefused),
        (402, OurKeyRefused),
        (403, OurKeyRefused),
        (404, ModelMissing),
        (408, Conflict),
        (409, Conflict),
        (413, Refused),
        (422, Refused),
        (429, RateLimited),
        (500, Overloaded),
        (503, Overloaded),
        (529, Overloaded),
        (302, Overloaded),
    ],
)
def test_every_status_has_its_leaf(status: int, leaf: type[UpstreamStatus]) -> None:
    error = from_status(status, "", "words", {"retry-after": "3"})
    assert type(error) is leaf
    assert (error.upstream_status, error.message) == (status, "words")
    assert error.headers == {"retry-after": "3"}


def test_a_refusal_keeps_the_status_and_the_kind_of_the_upstream() -> None:
    error = from_status(413, "request_too_large", "too big")
    assert (error.status, error.kind) == (413, "request_too_large")


def test_a_client_never_hears_that_its_key_is_wrong_when_it_is_ours() -> None:
    assert from_status(401, "authentication_error", "invalid x-api-key").kind == "api_error"


def test_an_error_type_that_nobody_documents_is_the_providers_trouble() -> None:
    error = from_event({"error": {"type": "quantum_error", "message": "words"}})
    assert isinstance(error, Overloaded)
    assert error.upstream_status == 500


@pytest.mark.parametrize(
    ("event", "leaf", "message"),
    [
        (
            {"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}},
            Overloaded,
            "Overloaded",
        ),
        (
            {"type": "error", "error": {"type": "rate_limit_error", "message": "slow down"}},
            RateLimited,
            "slow down",
        ),
        (
            {"error": {"type": "invalid_request_error", "code": "model_not_found", "message": "m"}},
            ModelMissing,
            "m",
        ),
        ({"error": {"code": 429, "message": "wait"}}, RateLimited, "wait"),
        ({"error": {"code": "402", "message": "pay"}}, OurKeyRefused, "pay"),
        ({"error": {"type": "insufficient_quota", "message": "empty"}}, RateLimited, "empty"),
        ({"error": {"type": "server_error", "code": None, "message": "x"}}, Overloaded, "x"),
        ({"error": "it broke"}, Overloaded, "it broke"),
        ({"object": "error", "message": "too long", "code": 400}, Refused, "too long"),
    ],
)
def test_an_error_event_of_any_dialect_becomes_the_leaf_that_its_code_or_type_names(
    event: Json, leaf: type[UpstreamStatus], message: str
) -> None:
    error = from_event(event)
    assert type(error) is leaf
    assert error.message == message


@pytest.mark.parametrize("event", [{"error": None}, {"choices": []}, {"type": "ping"}, {}])
def test_an_event_without_an_error_announces_none(event: Json) -> None:
    assert from_event(event) is None
