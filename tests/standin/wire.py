"""HTTP/1.1 by hand: a request read from a socket, and the ways to answer it or not."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

import orjson

Json = dict[str, Any]
Speech = Literal["anthropic", "openai", "ollama", "gemini", "responses"]

JSON = {"content-type": "application/json"}
EVENTS = {"content-type": "text/event-stream; charset=utf-8"}
LINES = {"content-type": "application/x-ndjson"}


@dataclass(slots=True)
class Seen:
    """A request as it came, and what became of it; times are ``loop.time()``.

    ``closed_at`` is set when the client hung up before it was answered.
    ``connection`` counts from 0: requests on one connection share it.
    """

    method: str
    path: str
    headers: dict[str, str]
    raw: bytes = field(repr=False)
    connection: int
    arrived_at: float
    answered_at: float | None = None
    closed_at: float | None = None

    @property
    def body(self) -> Json:
        body: Json = orjson.loads(self.raw)
        return body

    @property
    def speech(self) -> Speech:
        if self.path.startswith("/api/chat"):
            return "ollama"
        if "/models/" in self.path:
            return "gemini"
        if "/responses" in self.path:
            return "responses"
        return "openai" if "/chat/completions" in self.path else "anthropic"

    @property
    def model(self) -> str:
        if self.speech == "gemini":
            return self.path.rpartition("/")[2].partition(":")[0]
        return str(self.body["model"])

    @property
    def stream(self) -> bool:
        return bool(self.body.get("stream")) or ":stream" in self.path

    @property
    def stream_head(self) -> dict[str, str]:
        """The headers of a streamed answer."""
        return LINES if self.speech == "ollama" else EVENTS


class Behaviour(Protocol):
    """What the stand-in does with one request."""

    async def play(self, request: Seen, wire: Wire) -> None: ...


@dataclass(slots=True)
class Wire:
    """One connection, from the provider's side. ``open`` says that it lives on for more."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    open: bool = True
    _ahead: bytearray = field(default_factory=bytearray)

    async def request(self, connection: int) -> Seen | None:
        """Read the next request; None where the client closed instead."""
        try:
            head = (await self._until(b"\r\n\r\n")).decode("latin-1")
            line, *fields = head.rstrip().split("\r\n")
            method, path, _ = line.split(" ", 2)
            pairs = (each.split(":", 1) for each in fields)
            headers = {name.lower(): value.strip() for name, value in pairs}
            if headers.get("transfer-encoding", "").lower() == "chunked":
                raw = await self._chunked()
            else:
                raw = await self._exactly(int(headers.get("content-length", 0)))
        except (asyncio.IncompleteReadError, ConnectionError):
            return None
        arrived = asyncio.get_running_loop().time()
        return Seen(method, path, headers, raw, connection, arrived)

    async def client_left(self) -> None:
        """Return as soon as the client closes; keeps what it says before that."""
        try:
            while data := await self.reader.read(65536):
                self._ahead += data
        except ConnectionError:
            return

    async def whole(self, status: int, headers: Mapping[str, str], body: bytes) -> None:
        await self._head(status, {**headers, "content-length": str(len(body))})
        await self.send(body)

    async def begin(self, status: int, headers: Mapping[str, str]) -> None:
        """Send the head of an answer whose body follows in chunks."""
        await self._head(status, {**headers, "transfer-encoding": "chunked"})

    async def chunk(self, data: bytes) -> None:
        await self.send(b"%x\r\n%b\r\n" % (len(data), data))

    async def end(self) -> None:
        await self.send(b"0\r\n\r\n")

    async def send(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()

    def close(self) -> None:
        """Close as if all were said."""
        self.open = False
        self.writer.close()

    def reset(self) -> None:
        """Close with a TCP reset instead of a farewell."""
        sock = self.writer.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.open = False
        self.writer.transport.abort()

    async def _head(self, status: int, headers: Mapping[str, str]) -> None:
        lines = [f"HTTP/1.1 {status} Scripted", *(f"{k}: {v}" for k, v in headers.items())]
        await self.send("\r\n".join([*lines, "\r\n"]).encode("latin-1"))

    async def _until(self, mark: bytes) -> bytes:
        while (at := self._ahead.find(mark)) < 0:
            await self._more()
        return self._take(at + len(mark))

    async def _exactly(self, length: int) -> bytes:
        while len(self._ahead) < length:
            await self._more()
        return self._take(length)

    async def _chunked(self) -> bytes:
        body = b""
        while size := int((await self._until(b"\r\n")).partition(b";")[0], 16):
            body += (await self._exactly(size + 2))[:-2]
        await self._until(b"\r\n")
        return body

    async def _more(self) -> None:
        data = await self.reader.read(65536)
        if not data:
            raise asyncio.IncompleteReadError(bytes(self._ahead), None)
        self._ahead += data

    def _take(self, length: int) -> bytes:
        taken = bytes(self._ahead[:length])
        del self._ahead[:length]
        return taken
