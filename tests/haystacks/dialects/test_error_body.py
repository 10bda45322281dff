from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from haystacks.dialects.error_body import decode_error


@pytest.mark.parametrize(
    ("status", "body", "kind", "message"),
    [
        (
            529,
            b'{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}',
            "overloaded_error",
            "Overloaded",
        ),
        (
            400,
            b'{"type":"error","error":{"type":"billing_error","message":"No credit"}}',
            "billing_error",
            "No credit",
        ),
        (
            401,
            b'{"error":{"message":"Incorrect key","type":"invalid_request_error","code":null}}',
            "authentication_error",
            "Incorrect key",
        ),
        (404, b'{"error":"model \\"x\\" not found"}', "not_found_error", 'model "x" not found'),
        (422, b'{"detail":"Not enough"}', "invalid_request_error", "Not enough"),
        (
            422,
            b'{"detail":[{"loc":["body","model"],"msg":"Field required"},{"msg":"Bad"}]}',
            "invalid_request_error",
            "body.model: Field required; Bad",
        ),
        (400, b'[{"error":{"code":400,"message":"Bad"}}]', "invalid_request_error", "Bad"),
        (
            429,
            b'{"error":{"message":"Provider returned error","metadata":{"raw":"slow down"}}}',
            "rate_limit_error",
            "Provider returned error: slow down",
        ),
        (413, b'{"message":"too big"}', "request_too_large", "too big"),
        (
            502,
            b"<html><head><title>502 Bad\n Gateway</title></head></html>",
            "api_error",
            "502 Bad Gateway",
        ),
        (503, b"<p>", "overloaded_error", "a page instead of an answer"),
        (504, b"upstream timed out\n", "timeout_error", "upstream timed out"),
        (500, b"", "api_error", "the upstream answered with status 500"),
        (403, b"{}", "permission_error", "the upstream answered with status 403"),
    ],
)
def test_any_envelope_yields_a_kind_and_the_upstreams_own_words(
    status: int, body: bytes, kind: str, message: str
) -> None:
    assert decode_error(status, body) == (kind, message)


def test_a_message_in_json_is_kept_whole_and_a_page_is_cut() -> None:
    long = b"x" * 5000
    assert len(decode_error(400, b'{"error":{"message":"%s"}}' % long)[1]) == 5000
    assert len(decode_error(400, long)[1]) == 500


@given(st.integers(400, 599), st.binary(max_size=200))
def test_any_bytes_make_a_message(status: int, body: bytes) -> None:
    kind, message = decode_error(status, body)
    assert kind.endswith(("_error", "_too_large"))
    assert message
