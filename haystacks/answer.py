"""What an attempt brought back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from haystacks.errors import RolegraphError
from haystacks.pool import Candidate
from haystacks.stream import Stream
from haystacks.usage import Usage

Measured = Callable[[], Usage | None]


@dataclass(frozen=True, slots=True)
class Failure:
    """An attempt that brought nothing, and why."""

    candidate: Candidate
    error: RolegraphError

    def __str__(self) -> str:
        return f"{self.candidate}: {self.error.message}"


@dataclass(frozen=True, slots=True)
class Answer:
    """A success: either a whole ``body`` or an opened ``stream``, in the client's dialect.

    ``headers`` are the upstream's that the client should see; ``adapted`` names
    what the translation changed; ``usage`` tells what it has cost so far, ``None`` where
    nobody knows; ``failures`` are the attempts before this one.
    """

    candidate: Candidate
    headers: Mapping[str, str]
    adapted: tuple[str, ...]
    usage: Measured = field(repr=False)
    body: bytes = field(default=b"", repr=False)
    stream: Stream | None = None
    failures: tuple[Failure, ...] = ()
