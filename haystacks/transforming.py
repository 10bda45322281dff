"""Applies the transformers of a candidate, in their order, and back in the opposite one."""

from __future__ import annotations

from collections.abc import Sequence

from haystacks.dialect import Adaptation, Json, StreamDecoder
from haystacks.errors import UpstreamError
from haystacks.transformer import Filter, Knowledge, Target, Transformer

Steps = tuple[Transformer, ...]


def rewritten(canonical: Json, steps: Steps, knowledge: Knowledge, adaptation: Adaptation) -> Json:
    """Return the canonical request after every ``request`` hook."""
    for step in steps:
        if step.request is not None:
            before, canonical = canonical, step.request(canonical, knowledge)
            _note(step, before, canonical, adaptation)
    return canonical


def reshaped(body: Json, steps: Steps, target: Target, adaptation: Adaptation) -> Json:
    """Return the outgoing body after every ``body`` hook."""
    for step in steps:
        if step.body is not None:
            before, body = body, step.body(body, target)
            _note(step, before, body, adaptation)
    return body


def reworded(message: Json, steps: Steps, adaptation: Adaptation) -> Json:
    """Return a whole answer after every ``message`` hook, the last step first."""
    for step in reversed(steps):
        if step.message is not None:
            before, message = message, step.message(message)
            _note(step, before, message, adaptation)
    return message


def _note(step: Transformer, before: Json, after: Json, adaptation: Adaptation) -> None:
    if after is not before:
        adaptation.note(f"transformer {step.name}")


def read_answers(steps: Steps) -> bool:
    """Tell whether an answer must be decoded, even for a client of the same dialect."""
    return any(step.reads_answers for step in steps)


def filtered(decoder: StreamDecoder, steps: Steps) -> StreamDecoder:
    """Return a decoder whose events passed every ``events`` hook, the last step first."""
    filters = [step.events() for step in reversed(steps) if step.events is not None]
    return _Filtered(decoder, filters) if filters else decoder


class _Filtered:
    """A decoder with filters behind it."""

    __slots__ = ("_decoder", "_filters")

    def __init__(self, decoder: StreamDecoder, filters: Sequence[Filter]) -> None:
        self._decoder = decoder
        self._filters = filters

    @property
    def failure(self) -> UpstreamError | None:
        return self._decoder.failure

    def feed(self, chunk: bytes) -> list[Json]:
        return self._pass(self._decoder.feed(chunk))

    def finish(self) -> list[Json]:
        return self._pass(self._decoder.finish())

    def _pass(self, events: list[Json]) -> list[Json]:
        for each in self._filters:
            events = [out for event in events for out in each(event)]
        return events
