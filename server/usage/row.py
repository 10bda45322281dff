"""One finished request as a row of the table ``requests``."""

from __future__ import annotations

import math
from typing import Any, Final

import orjson

from haystacks.money import nano
from haystacks.usage import Usage
from roles.decision import Decision, Step
from server.record import Record
from server.redact import redact_text
from server.storage.tables import requests

COLUMNS: Final = tuple(column.name for column in requests.columns)

# The values of one row, in the order of COLUMNS.
Row = tuple[Any, ...]

ERROR_CHARACTERS: Final = 2000
# Counts and sums of counts stay below 2^63, whatever an upstream tells.
_MOST: Final = 1 << 43
_NOTHING: Final = Usage(0, 0)


def row_of(record: Record) -> Row:
    """Return the row; its last value is the recorded content, still to be written as text."""
    decision, answer, usage = record.decision, record.answer, record.usage or _NOTHING
    candidate = answer.candidate if answer else None
    first = record.first_byte - record.started if record.first_byte else None
    return (
        record.request_id,
        record.at,
        record.surface,
        record.role,
        _clean(record.key),
        decision.phase if decision else "",
        decision.concept if decision else "",
        decision.scenario if decision else "",
        candidate.haystack.name if candidate else "",
        _clean(candidate.model.id) if candidate else "",
        record.attempts,
        record.status,
        record.outcome,
        record.stream,
        _clean(record.session),
        _count(usage.input),
        _count(usage.output),
        _count(usage.cache_read),
        _count(usage.cache_write),
        None if usage.reasoning is None else _count(usage.reasoning),
        usage.estimated,
        nano_usd(record.cost),
        None if first is None else first * 1000,
        (record.ended - record.started) * 1000,
        _clean(redact_text(record.error.message)[:ERROR_CHARACTERS]) if record.error else "",
        _trace(decision, record) if decision else None,
        record.content,
    )


def nano_usd(usd: float) -> int:
    """Return dollars as whole billionths."""
    return _count(nano(usd)) if math.isfinite(usd) else 0


def _trace(decision: Decision, record: Record) -> str:
    """Return as JSON how the request was decided, and what failed on the way.

    Shorter than ``Decision.as_dict``: what other columns hold, or the home, is left out.
    """
    told = {
        "generation": decision.generation,
        "confidence": decision.confidence,
        "candidates": [f"{c.haystack.name},{c.model.id}" for c in decision.candidates],
        "matched": [
            {"concept": m.concept, "synonym": m.synonym, "priority": m.priority, "by": m.inherited}
            for m in decision.matched
        ],
        "trace": [_step(step) for step in decision.trace],
    }
    failed = [str(each) for each in record.answer.failures] if record.answer else []
    if record.error:
        failed += record.error.tried
    if failed:
        told["failed"] = [redact_text(each)[:ERROR_CHARACTERS] for each in failed]
    return orjson.dumps(told).decode()


def _step(step: Step) -> dict[str, Any]:
    told: dict[str, Any] = {"phase": step.phase, "answered": step.answered, "reason": step.reason}
    if step.skipped:
        told["skipped"] = {each.candidate: each.reason for each in step.skipped}
    return told


def _count(told: int) -> int:
    # JSON's true is an int here, and none in PostgreSQL.
    return int(told) if 0 <= told <= _MOST else min(max(told, 0), _MOST)


def _clean(text: str) -> str:
    """Return a text without what PostgreSQL can't hold."""
    return text.replace("\0", "") if "\0" in text else text
