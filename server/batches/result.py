"""What became of one request of a batch: a line of its results, or another try later."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import Any, Final

import orjson

from haystacks.dialects.table import DIALECTS
from haystacks.errors import BadAnswer, BudgetExceeded, LimitReached, RolegraphError
from haystacks.health.keyring import wait_of
from server.batches.batch import Ending
from server.record import Record

# What passes by itself: a limit of ours or the provider's, a provider in trouble.
_PASSING: Final = frozenset({429, 503, 529})

# Seconds before the second try, doubled each time: a limit is by the minute, and
# a batch has a day.
_SHORTEST: Final = 1.0
_LONGEST: Final = 300.0


@dataclass(frozen=True, slots=True)
class Result:
    """How a request ended, and its line in the results."""

    ending: Ending
    line: bytes = field(repr=False)


def result_of(custom_id: str, record: Record, body: bytes) -> Result | None:
    """Return the result that an answer is; ``None`` where it should be asked for again later.

    ``body`` is a message, or an error in Anthropic's envelope.
    """
    if record.error is not None and passes(record.error):
        return None
    try:
        told = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        return failed(custom_id, BadAnswer(f"the answer is not JSON: {error}"), record.request_id)
    if record.error is None:
        result = {"type": "succeeded", "message": told}
        return Result("succeeded", result_line(custom_id, result))
    return Result("errored", result_line(custom_id, {"type": "errored", "error": told}))


def failed(custom_id: str, error: RolegraphError, request_id: str) -> Result:
    """Return the result of a request that an error has ended."""
    envelope = DIALECTS["anthropic"].encode_error(
        error.status, error.kind, error.message, request_id
    )
    return Result("errored", result_line(custom_id, {"type": "errored", "error": envelope}))


def result_line(custom_id: str, result: dict[str, Any]) -> bytes:
    """Return a line of the results, its end included."""
    line = {"custom_id": custom_id, "result": result}
    return orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE)


def passes(error: RolegraphError) -> bool:
    """Tell whether waiting may help.

    Not where money is spent, unless some of it is only set aside; nor where a request alone is
    over a limit: that names no time.
    """
    if isinstance(error, BudgetExceeded):
        return error.held
    if isinstance(error, LimitReached) and wait_of(error) is None:
        return False
    return error.status in _PASSING


def pause(tries: int, error: RolegraphError | None) -> float:
    """Return the seconds before the next try: at least what the error asks for.

    Up to as much again by chance, so that what has failed together comes back one by one.
    """
    asked = wait_of(error) if error else None
    grown = min(_SHORTEST * 2.0 ** min(tries - 1, 16), _LONGEST)
    least = min(max(asked or 0.0, grown / 2), _LONGEST)
    return least + random.uniform(0, max(grown / 2, least / 4))  # noqa: S311 - spreads, no secret
