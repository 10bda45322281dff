"""What an attempt brought back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import field

from haystacks.errors import RolegraphError
from haystacks.pool import Candidate
from haystacks.stream import Stream
from haystacks.usage import Usage
from kg.value import value

Measured = Callable[[], Usage | None]


@value
class Failure:
    """A candidate that brought nothing, and why; ``called`` unless it was passed over."""

    candidate: Candidate
    error: RolegraphError
    called: bool = True

    def __str__(self) -> str:
        return f"{self.candidate}: {self.error.message}"


@value
class Answer:
    """A success: either a whole ``body`` or an opened ``stream``, in the client's dialect.

    ``headers`` are the upstream's that the client should see; ``adapted`` names
    what the translation changed; ``usage`` tells what it has cost so far, ``None`` where
    nobody knows; ``failures`` are the candidates before this one, and ``waited`` the
    seconds that they took.
    """

    candidate: Candidate
    headers: Mapping[str, str]
    adapted: tuple[str, ...]
    usage: Measured = field(repr=False)
    body: bytes = field(default=b"", repr=False)
    stream: Stream | None = None
    failures: tuple[Failure, ...] = ()
    waited: float = 0.0

    @property
    def attempts(self) -> int:
        """How many upstream calls were made, this one included."""
        if not self.failures:  # so it mostly is
            return 1
        return 1 + sum(failure.called for failure in self.failures)

    def drop(self) -> None:
        """Close an answer that nobody takes."""
        if self.stream is not None:
            self.stream.close()
