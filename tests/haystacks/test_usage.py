"""Usage: counts that an upstream may name as it likes."""

from __future__ import annotations

import pytest

from haystacks.dialect import TokenEstimate
from haystacks.usage import Tally


@pytest.mark.parametrize("told", [-5, "many", None, 1.5])
def test_what_is_no_count_never_gives_money_back(told: object) -> None:
    tally = Tally(TokenEstimate(lambda: 7, len))
    usage = tally.usage({"input_tokens": told, "output_tokens": told})
    assert (usage.input, usage.output, usage.total) == (0, 0, 0)
