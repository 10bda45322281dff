"""Every wire case has a test, and every such test says what it holds."""

from __future__ import annotations

import pytest

from tests.docs.wire_cases import WireCase, wire_cases

CASES = wire_cases()
NUMBERS = (
    *(1, 2, 3, 5, 7, 9, 11, 12, 13, 14, 16, 18, 19, 20, 21, 22, 23, 24, 25),
    *(27, 28, 29, 30, 31, 32, 34, 35),
    *(36, 37, 38, 39, 40, 41, 42, 44, 45, 46, 47, 50, 51),
    *(55, 56, 57, 58, 59, 60, 64, 65),
)


def test_every_case_has_a_test_and_no_other_number_is_used() -> None:
    assert {case.number for case in CASES} == {f"W{number:02}" for number in NUMBERS}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.test)
def test_the_docstring_says_what_happens_and_what_is_seen(case: WireCase) -> None:
    assert case.happens, "write: what happens -> what is seen"
    assert case.seen.endswith(".")
