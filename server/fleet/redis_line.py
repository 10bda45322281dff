"""One connection to Redis, on which all commands of a moment travel together."""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncGenerator, Sequence
from typing import Any, Final

from redis.asyncio.connection import AbstractConnection, ConnectionPool
from redis.exceptions import RedisError, ResponseError

# A request waits no longer for Redis than this; what a healthy one needs is a hundredth of it.
PATIENCE_SECONDS: Final = 0.1

Command = Sequence[bytes | str | int]

# Whatever is no Redis may answer anything: what can't be read is a ValueError.
_TROUBLE = (RedisError, OSError, ValueError)


class Unreachable(Exception):
    """Redis refused, or did not answer in time; the message says why."""


class RedisLine:
    """Asks Redis, and is answered in the order of asking.

    The commands that are asked for while others are under way go out in one
    piece: many requests at once cost little more than one. Who stops waiting
    does not stop the command. If one is not answered in time, all that wait
    fail with ``Unreachable``, and the next one finds a new connection.
    """

    def __init__(self, url: str, patience: float = PATIENCE_SECONDS) -> None:
        self._pool: ConnectionPool = ConnectionPool.from_url(
            url,
            protocol=2,
            # The time for a whole exchange is bounded here, not that of each read.
            socket_timeout=None,
            socket_connect_timeout=patience,
            driver_info=None,
        )
        self._patience = patience
        self._connection = self._connect()
        self._waiting: list[tuple[Command, asyncio.Future[Any]]] = []
        self._exchange: asyncio.Task[None] | None = None

    async def ask(self, *command: bytes | str | int) -> Any:
        """Return the answer to one command. Raises ``Unreachable`` or ``ResponseError``."""
        answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._waiting.append((command, answer))
        if self._exchange is None:
            self._exchange = asyncio.create_task(self._exchange_all())
        return await answer

    async def hear(self, channel: str) -> AsyncGenerator[bytes]:
        """Yield what is published, from a connection of its own. Raises ``Unreachable``.

        An empty piece comes first, when it is certain that no later one is missed.
        """
        connection = self._connect()
        try:
            async with asyncio.timeout(self._patience):
                await connection.send_packed_command(
                    connection.pack_commands([("SUBSCRIBE", channel)]), check_health=False
                )
                await connection.read_response(disable_decoding=True)
            yield b""
            while True:
                _, _, piece = await connection.read_response(
                    disable_decoding=True, timeout=math.inf
                )
                yield piece
        except _TROUBLE as error:
            raise Unreachable(_reason(error)) from error
        finally:
            await connection.disconnect(nowait=True)

    async def close(self) -> None:
        """Wait for the answers that are due, and hang up."""
        if self._exchange is not None:
            await self._exchange
        await self._connection.disconnect()

    def _connect(self) -> AbstractConnection:
        """Return a connection that is made when it is first used."""
        made: AbstractConnection = self._pool.connection_class(**self._pool.connection_kwargs)
        return made

    async def _exchange_all(self) -> None:
        while self._waiting:
            asked, self._waiting = self._waiting, []
            try:
                async with asyncio.timeout(self._patience):
                    await self._send([command for command, _ in asked])
                    for _, answer in asked:
                        await self._receive(answer)
            except _TROUBLE as error:
                await self._connection.disconnect(nowait=True)
                asked += self._waiting
                self._waiting = []
                for _, answer in asked:
                    if not answer.done():
                        answer.set_exception(Unreachable(_reason(error)))
        self._exchange = None

    async def _send(self, commands: list[Command]) -> None:
        packed = self._connection.pack_commands(commands)
        await self._connection.send_packed_command(packed, check_health=False)

    async def _receive(self, answer: asyncio.Future[Any]) -> None:
        try:
            found = await self._connection.read_response(disable_decoding=True)
        except ResponseError as error:
            if not answer.done():
                answer.set_exception(error)
        else:
            if not answer.done():
                answer.set_result(found)


def _reason(error: Exception) -> str:
    return str(error) or "it did not answer in time"
