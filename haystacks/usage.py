"""What an answer cost in tokens, in one normal form, and why it ended."""

from __future__ import annotations

from dataclasses import field

from haystacks.dialect import Json, TokenEstimate
from kg.value import value


@value
class Usage:
    """Tokens, none of them counted twice: ``input`` are those that no cache held.

    ``reasoning`` are those of ``output`` that were thought; ``None`` where nobody told.
    ``estimated``: the upstream named no counts, or had no time to. ``stop_reason`` is
    the canonical one, empty where none was told.
    """

    input: int
    output: int
    cache_read: int = 0
    cache_write: int = 0
    estimated: bool = False
    reasoning: int | None = None
    stop_reason: str = field(default="", compare=False)

    @property
    def total(self) -> int:
        """All tokens, in and out, cached ones included."""
        return self.input + self.cache_read + self.cache_write + self.output


class Tally:
    """The counts of one answer: the upstream's own, and ours where it names none."""

    __slots__ = ("_counted", "_estimate")

    def __init__(self, estimate: TokenEstimate) -> None:
        self._estimate = estimate
        self._counted = False

    @property
    def estimate(self) -> TokenEstimate:
        """What a decoder counts with; that it had to count the output is remembered."""
        return TokenEstimate(self._estimate.input, self._count)

    def usage(
        self, told: Json, said: str = "", *, whole: bool = True, stop_reason: str = ""
    ) -> Usage:
        """Return the usage from canonical counts; of an answer that is not ``whole``, so far.

        ``said`` is counted where the upstream has not told what the output was.
        """
        whole = whole and "output_tokens" in told
        return Usage(
            input=_count(told, "input_tokens")
            if "input_tokens" in told
            else self._estimate.input(),
            output=_count(told, "output_tokens") if whole else self._estimate.text(said),
            cache_read=_count(told, "cache_read_input_tokens"),
            cache_write=_count(told, "cache_creation_input_tokens"),
            estimated=self._counted or not whole,
            reasoning=_reasoning(told),
            stop_reason=stop_reason,
        )

    def _count(self, text: str) -> int:
        self._counted = True
        return self._estimate.text(text)


def _reasoning(told: Json) -> int | None:
    details = told.get("output_tokens_details")
    found = details.get("thinking_tokens") if isinstance(details, dict) else None
    return found if isinstance(found, int) else None


def _count(told: Json, name: str) -> int:
    """Return a count; an upstream may name anything."""
    found = told.get(name)
    return max(found, 0) if isinstance(found, int) else 0
