"""The provider that this process plays itself: no key, no network, the real wire.

The request arrives in the haystack's dialect and so does the answer, so what a
demo shows has been encoded and decoded like any other traffic.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

import orjson

from haystacks.dialect import Adaptation, Dialect, Json
from haystacks.errors import BadRequest
from haystacks.http.call import Reply, Take
from haystacks.message_events import message_events
from haystacks.pool import Simulation
from haystacks.simulated.answer import compose
from haystacks.simulated_embeddings import embeddings

Sleep = Callable[[float], Awaitable[None]]

_RETRY_AFTER: Final = "1"
_KINDS: Final = {
    400: "invalid_request_error",
    401: "authentication_error",
    403: "permission_error",
    404: "not_found_error",
    413: "request_too_large",
    429: "rate_limit_error",
    504: "timeout_error",
    529: "overloaded_error",
}


async def answer(
    body: bytes,
    dialect: Dialect,
    simulation: Simulation,
    *,
    embedding: bool = False,
    sleep: Sleep = asyncio.sleep,
) -> Reply:
    """Answer a request that was encoded in ``dialect``, after the simulated delay.

    Streams where the body says so. A body that can't be read gets the dialect's
    own 400; ``simulation.fail`` gets that status whatever was asked. ``embedding``:
    embeddings are asked for, in OpenAI's format.
    """
    await sleep(simulation.first_byte)
    if simulation.fail:
        kind = _KINDS.get(simulation.fail, "api_error")
        told = f"The simulated provider was told to fail with {simulation.fail}."
        return _failure(dialect, simulation.fail, kind, told)
    try:
        request = orjson.loads(body)
        if embedding:
            return _whole(200, embeddings(request), {"request-id": "req_simulated"})
        message = compose(dialect.decode_request(request, Adaptation()))
    except orjson.JSONDecodeError as broken:
        return _failure(dialect, 400, BadRequest.kind, f"The body is no JSON: {broken}")
    except BadRequest as refused:
        return _failure(dialect, refused.status, refused.kind, refused.message)
    return say(message, request, dialect, per_event=simulation.per_event, sleep=sleep)


def say(
    message: Json,
    request: Json,
    dialect: Dialect,
    *,
    per_event: float = 0.0,
    sleep: Sleep = asyncio.sleep,
) -> Reply:
    """Answer a request of the dialect with a canonical message, in a stream where it asks so."""
    if request.get("stream") is True:
        return _SimulatedReply(
            200,
            {"content-type": "text/event-stream; charset=utf-8", "request-id": message["id"]},
            _told(message, request, dialect),
            per_event,
            sleep,
        )
    return _whole(200, dialect.encode_response(message, request), {"request-id": message["id"]})


def _failure(dialect: Dialect, status: int, kind: str, message: str) -> Reply:
    headers = {"retry-after": _RETRY_AFTER} if status == 429 else {}
    return _whole(status, dialect.encode_error(status, kind, message, "req_simulated"), headers)


def _whole(status: int, body: Json, headers: Mapping[str, str]) -> Reply:
    headers = {"content-type": "application/json", **headers}
    return _SimulatedReply(status, headers, iter([orjson.dumps(body)]))


def _told(message: Json, request: Json, dialect: Dialect) -> Iterator[bytes]:
    encoder = dialect.stream_encoder(request)
    return filter(None, map(encoder.feed, message_events(message)))


@dataclass(slots=True)
class _SimulatedReply:
    """A ``Reply`` whose pieces are already known; ``per_event`` seconds go by before each."""

    status: int
    headers: Mapping[str, str]
    _pieces: Iterator[bytes]
    _per_event: float = 0.0
    _sleep: Sleep = asyncio.sleep
    _closed: bool = False

    async def flow(self, take: Take) -> bool:
        for piece in self._pieces:
            await self._sleep(self._per_event)
            if self._closed:
                return True
            if take(piece):
                return False
        return True

    async def read(self) -> bytes:
        parts: list[bytes] = []
        await self.flow(parts.append)
        return b"".join(parts)

    def close(self) -> None:
        self._closed = True
