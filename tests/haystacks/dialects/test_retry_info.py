"""How long a provider asks to wait, in each way of saying so."""

from __future__ import annotations

import pytest

from haystacks.dialects.retry_info import retry_after

NOW = "Sat, 21 Nov 2026 21:41:00 GMT"


@pytest.mark.parametrize(
    ("told", "seconds"),
    [
        ("40", "40"),
        ("2.5", "2.5"),
        ("Sat, 21 Nov 2026 21:41:40 GMT", "40"),
        ("Saturday, 21-Nov-26 21:41:40 GMT", "40"),
        ("Sat Nov 21 21:41:40 2026", "40"),
        ("Sat, 21 Nov 2026 21:40:00 GMT", "0"),
        ("soon", "soon"),
        ("1 Nov 0 0:0:0 -99999999999999", "1 Nov 0 0:0:0 -99999999999999"),
    ],
)
def test_a_date_is_told_in_seconds_by_the_providers_clock_and_all_else_as_it_is(
    told: str, seconds: str
) -> None:
    assert retry_after({"retry-after": told, "date": NOW}, b"") == seconds


def test_a_date_of_a_provider_that_tells_no_time_is_of_our_clock() -> None:
    assert retry_after({"retry-after": NOW.replace("2026", "2020")}, b"") == "0"


def test_a_header_comes_before_what_the_body_says() -> None:
    body = b'{"retryDelay": "36.2s"}'
    assert retry_after({}, body) == "37"
    assert retry_after({"retry-after": "5"}, body) == "5"
    assert retry_after({}, b"{}") == ""
