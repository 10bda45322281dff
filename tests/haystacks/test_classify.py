import pytest

from haystacks.classify import from_event, from_status
from haystacks.dialect import Json
from haystacks.errors import (
    Conflict,
    Forbidden,
    ModelMissing,
    OurKeyRefused,
    Overloaded,
    RateLimited,
    Refused,
    TooLong,
    Unfit,
    UpstreamStatus,
)


@pytest.mark.parametrize(
    ("status", "leaf"),
    [
        (400, Refused),
        (401, OurKeyRefused),
        (402, OurKeyRefused),
        (403, Forbidden),
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


@pytest.mark.parametrize(
    "words",
    [
        "prompt is too long: 213462 tokens > 200000 maximum",
        "input length and `max_tokens` exceed context limit: 190000 + 21333 > 200000",
        "This model's maximum context length is 8192 tokens. However, you requested 10346",
        "Your input exceeds the context window of this model.",
        "The input token count (1300000) exceeds the maximum number of tokens allowed (1048575).",
        "Please reduce the length of the messages or completion.",
        "This model's maximum prompt length is 131072 but the request contains 537812 tokens",
        "Prompt contains 40000 tokens, too large for model with 32768 maximum context length",
        "The input (516368 tokens) is longer than the model's context length (262144 tokens).",
        "the request exceeds the available context size, try increasing it",
        "tokens to keep from the initial prompt is greater than the context length",
        "prompt too long; exceeded max context length by 918 tokens",
        "Your request exceeded model token limit: 256000 (requested: 300000)",
        "invalid params, context window exceeds limit",
        "Input is too long for requested model.",
        "Prompt exceeds max length",
        "Range of input length should be [1, 30720]",
        "prompt token count of 200000 exceeds the limit of 128000",
    ],
)
def test_each_providers_words_for_a_conversation_that_is_too_long_are_understood(
    words: str,
) -> None:
    assert type(from_status(400, "", words)) is TooLong
    assert type(from_status(429, "", words)) is RateLimited


def test_the_code_for_a_conversation_that_is_too_long_is_enough() -> None:
    body = b'{"error":{"code":"context_length_exceeded","message":"no"}}'
    assert type(from_status(400, "", "no", body=body)) is TooLong


@pytest.mark.parametrize(
    "words",
    [
        "max_tokens: 9 is more than this model writes",
        "messages.3: tool_use ids were found without tool_result blocks",
        "Request exceeds the maximum size",
        "Invalid prompt: too many images",
    ],
)
def test_other_refusals_are_not_taken_for_it(words: str) -> None:
    assert type(from_status(400, "", words)) is Refused


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (403, "Your chosen model requires moderation and your input was flagged"),
        (404, "No endpoints found that support tool use."),
    ],
)
def test_what_one_prompt_brings_about_is_not_held_against_the_key_or_the_model(
    status: int, words: str
) -> None:
    error = from_status(status, "permission_error", words)
    assert (type(error), error.status, error.kind) == (Unfit, 400, "invalid_request_error")


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
