"""What a provider tells of a batch that it works on, as our client reads it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Any

import orjson

from haystacks.errors import BadAnswer
from haystacks.http.call import Reply, chunks_of
from server.batches.batch import Batch
from server.batches.native_store import Passed
from server.batches.result import Result, result_line


async def lines_of(reply: Reply) -> AsyncIterator[dict[str, Any]]:
    """Yield the lines of results as they come; what is none breaks off. Raises ``BadAnswer``."""
    rest = b""
    async with aclosing(chunks_of(reply)) as chunks:
        async for chunk in chunks:
            *whole, rest = (rest + chunk).split(b"\n")
            for line in whole:
                if line.strip():
                    yield _line(line)
    if rest.strip():
        yield _line(rest)


def _line(raw: bytes) -> dict[str, Any]:
    try:
        line: dict[str, Any] = orjson.loads(raw)
        if line["custom_id"] and line["result"]["type"]:
            return line
    except (orjson.JSONDecodeError, KeyError, TypeError) as error:
        raise BadAnswer("the provider's results are not what they should be") from error
    raise BadAnswer("the provider's results name nothing")


def result_as_asked(asked: Passed, told: dict[str, Any]) -> Result:
    """Return a result as our client reads it: under the model's name that it has asked for."""
    ending = told["type"]
    if ending not in {"succeeded", "errored"}:
        return Result("canceled" if ending == "canceled" else "expired", b"")
    name = orjson.loads(asked.body).get("model")
    if ending == "succeeded" and name and name != "auto":
        told = {**told, "message": {**told["message"], "model": name}}
    return Result(ending, result_line(asked.custom_id, told))


def counts_of(batch: Batch, told: Any) -> dict[str, int]:
    """Return the provider's counts, if they add up to all of ours; else nothing."""
    names = ("processing", "succeeded", "errored", "canceled", "expired")
    if not isinstance(told, dict) or any(type(told.get(name)) is not int for name in names):
        return {}
    total = sum(getattr(batch, name) for name in names)
    counts = {name: int(told[name]) for name in names}
    return counts if sum(counts.values()) == total else {}
