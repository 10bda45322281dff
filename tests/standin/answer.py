"""Answers as a provider should give them: whole or streamed, whichever was asked for."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass

import orjson

from tests.standin import anthropic, gemini, ollama, openai, responses
from tests.standin.said import Language, Said
from tests.standin.wire import JSON, Seen, Speech, Wire

SPEECHES: dict[Speech, Language] = {
    "anthropic": anthropic,
    "openai": openai,
    "ollama": ollama,
    "gemini": gemini,
    "responses": responses,
}


@dataclass(frozen=True, slots=True)
class Answer(Said):
    """A complete answer in the wire format that the path asks for."""

    def whole(self, request: Seen) -> bytes:
        return orjson.dumps(SPEECHES[request.speech].whole(self, request.body))

    def frames(self, request: Seen) -> Iterator[bytes]:
        return SPEECHES[request.speech].frames(self, request.body)

    async def play(self, request: Seen, wire: Wire) -> None:
        await Slow(answer=self).play(request, wire)


@dataclass(frozen=True, slots=True)
class Slow:
    """A complete answer whose head comes after ``first_byte`` seconds."""

    first_byte: float = 0.0
    per_event: float = 0.0
    answer: Answer = Answer()

    async def play(self, request: Seen, wire: Wire) -> None:
        await asyncio.sleep(self.first_byte)
        if not request.stream:
            await wire.whole(200, JSON, self.answer.whole(request))
            return
        await wire.begin(200, request.stream_head)
        for frame in self.answer.frames(request):
            await wire.chunk(frame)
            await asyncio.sleep(self.per_event)
        await wire.end()


@dataclass(frozen=True, slots=True)
class Held:
    """A complete answer that stops before event number ``after`` until the test opens ``gate``.

    Not streamed, or with ``after`` below 0, it is the head that waits.
    """

    gate: asyncio.Event
    after: int = 0
    answer: Answer = Answer()

    async def play(self, request: Seen, wire: Wire) -> None:
        if not request.stream or self.after < 0:
            await self.gate.wait()
            await self.answer.play(request, wire)
            return
        await wire.begin(200, request.stream_head)
        for index, frame in enumerate(self.answer.frames(request)):
            if index == self.after:
                await self.gate.wait()
            await wire.chunk(frame)
        await wire.end()
