"""What processes tell one another of the health of haystacks."""

from __future__ import annotations

from dataclasses import dataclass

import orjson

LONGEST = 300.0
"""Seconds: no word of another process counts for longer."""


@dataclass(frozen=True, slots=True)
class Word:
    """Something is ejected for so many seconds, or with 0 is back; or a key rests.

    ``key`` is the mark of the key, "" for all keys of a model, ``None`` where a breaker is
    meant; ``model`` is "" for all models of a key, or for the connection. ``limited`` and
    ``fault`` are those of a rest.
    """

    haystack: str
    model: str
    seconds: float
    reason: str
    key: str | None = None
    limited: bool = False
    fault: bool = False


def write_word(word: Word) -> bytes:
    """Return it as small JSON."""
    return orjson.dumps(word)


def read_word(word: bytes) -> Word | None:
    """Return what was told; ``None`` for a word of another version, which helps nobody here."""
    try:
        told = Word(**orjson.loads(word))
    except (orjson.JSONDecodeError, TypeError):
        return None
    names = (told.haystack, told.model, told.reason, told.key or "")
    if not all(isinstance(each, str) for each in names):
        return None
    if not isinstance(told.seconds, int | float) or not 0 <= told.seconds <= LONGEST:
        return None
    return told
