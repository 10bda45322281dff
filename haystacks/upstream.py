"""Where calls go: over the network, or to the provider that this process plays."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from haystacks.dialects.table import DIALECTS
from haystacks.http.call import Call, Reply
from haystacks.http.client import HttpClient
from haystacks.pool import Haystack
from haystacks.simulated.provider import answer

Send = Callable[[Haystack, Call], Awaitable[Reply]]


def sender(client: HttpClient) -> Send:
    """Return the function that carries a call to its haystack."""

    async def send(haystack: Haystack, call: Call) -> Reply:
        if haystack.simulated is not None:
            embedding = call.url.endswith("/embeddings")
            dialect = DIALECTS[haystack.dialect]
            return await answer(call.body, dialect, haystack.simulated, embedding=embedding)
        return await client.send(call)

    return send
