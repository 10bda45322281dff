"""Raw servers for the HTTP client: each says exactly the bytes that it is told to."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from haystacks.http.call import Call
from haystacks.pool import Timeouts

Writer = asyncio.StreamWriter
Talk = Callable[[bytes, Writer], Awaitable[None]]


@dataclass(slots=True)
class Listening:
    """A server, the requests that it heard, and how many connections it took."""

    port: int
    heads: list[bytes] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    connections: int = 0

    def call(self, path: str = "/v1", body: bytes = b"{}", **timeouts: float) -> Call:
        return Call(f"http://127.0.0.1:{self.port}{path}", {"x-a": "b"}, body, Timeouts(**timeouts))


@asynccontextmanager
async def served(
    serve: Callable[[asyncio.StreamReader, Writer], Awaitable[None]],
    tls: ssl.SSLContext | None = None,
) -> AsyncIterator[int]:
    """Listen on a free port; every connection is served by a task, and gone at the end."""
    tasks: set[asyncio.Task[None]] = set()

    async def run(reader: asyncio.StreamReader, writer: Writer) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        try:
            await serve(reader, writer)
        except (asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            pass  # the client hung up, or the test came to its end
        finally:
            tasks.discard(task)
            writer.transport.abort()

    server = await asyncio.start_server(run, "127.0.0.1", 0, ssl=tls)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        left = list(tasks)
        for task in left:
            task.cancel()
        await asyncio.gather(*left)
        await asyncio.sleep(0)


@asynccontextmanager
async def listening(talk: Talk, tls: ssl.SSLContext | None = None) -> AsyncIterator[Listening]:
    """Serve: ``talk`` answers each request, as often as the connection lasts."""

    async def serve(reader: asyncio.StreamReader, writer: Writer) -> None:
        heard.connections += 1
        while head := await reader.readuntil(b"\r\n\r\n"):
            length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
            heard.heads.append(head)
            heard.bodies.append(await reader.readexactly(length))
            await talk(head, writer)

    async with served(serve, tls) as port:
        heard = Listening(port)
        yield heard


def saying(*pieces: bytes, close: bool = False) -> Talk:
    """Answer with these bytes, each sent by itself; then close, if so."""

    async def talk(_head: bytes, writer: Writer) -> None:
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(0.005)
        if close:
            writer.close()

    return talk
