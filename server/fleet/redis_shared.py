"""What several processes share, as it lies in Redis."""

from __future__ import annotations

import secrets
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from hashlib import sha1
from typing import Any, Final, TypeVar

from redis.exceptions import ResponseError

from haystacks.shared import Amount, Kind
from server.fleet.redis_line import PATIENCE_SECONDS, RedisLine, Unreachable

T = TypeVar("T")

PREFIX: Final = "rolegraph:"
CHANNEL: Final = f"{PREFIX}words"
# How many keys are asked for at once where all of a kind are wanted.
PAGE: Final = 500
# How long it is remembered which additions of a process have arrived.
HEARD_SECONDS: Final = 2 * 86_400


class Script:
    """A piece of Lua that Redis runs as one step."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.sha = sha1(text.encode(), usedforsecurity=False).hexdigest()  # as Redis names it


# KEYS: what this process was last heard to add, then counters.
# ARGV: the number of this addition; for each counter, the amount and its milliseconds.
# Additions of a process come in the order of their numbers, but may come twice.
ADD: Final = Script(f"""
local fresh = tonumber(redis.call('GET', KEYS[1]) or '0') < tonumber(ARGV[1])
local totals = {{}}
for i = 2, #KEYS do
  local by = ARGV[2 * i - 2]
  if fresh and by ~= '0' then
    totals[i - 1] = redis.call('INCRBY', KEYS[i], by)
    redis.call('PEXPIRE', KEYS[i], ARGV[2 * i - 1])
  else
    totals[i - 1] = tonumber(redis.call('GET', KEYS[i]) or '0')
  end
end
if fresh then redis.call('SET', KEYS[1], ARGV[1], 'EX', {HEARD_SECONDS}) end
return totals
""")

# KEYS: what is kept. ARGV: what it should be ('' for nothing, else '=' and the bytes),
# what it shall be in the same form, milliseconds. Returns 1, or 0 and what it is.
SWAP: Final = Script("""
local kept = redis.call('GET', KEYS[1])
if (kept and '=' .. kept or '') ~= ARGV[1] then return {0, kept} end
if ARGV[2] == '' then
  redis.call('DEL', KEYS[1])
else
  redis.call('SET', KEYS[1], string.sub(ARGV[2], 2), 'PX', ARGV[3])
end
return {1}
""")

# KEYS: things that are kept. Returns each with the milliseconds it has left.
LOOK: Final = Script("""
local found = {}
for i, key in ipairs(KEYS) do found[i] = {redis.call('GET', key), redis.call('PTTL', key)} end
return found
""")

# KEYS: counters. ARGV: for each, what it has been at least, and its milliseconds.
RAISE: Final = Script("""
for i, key in ipairs(KEYS) do
  if tonumber(redis.call('GET', key) or '0') < tonumber(ARGV[2 * i - 1]) then
    redis.call('SET', key, ARGV[2 * i - 1], 'PX', ARGV[2 * i])
  end
end
""")


class RedisShared:
    """Reads and changes what lies in Redis; everything here raises ``Unreachable``.

    Counters are exact up to 2**53. ``process`` tells this process from the others.
    """

    def __init__(self, url: str, patience: float = PATIENCE_SECONDS) -> None:
        self._line = RedisLine(url, patience)
        self._process = secrets.token_hex(8)
        self._heard = f"{PREFIX}heard:{self._process}".encode()
        self._number = 0

    async def reach(self) -> str:
        """Make Redis ready, and return what another, or the same one started anew, would not.

        A Redis that was started anew has no scripts: nothing is added or changed before this.
        """
        for script in (ADD, SWAP, LOOK, RAISE):
            await self._ask("SCRIPT", "LOAD", script.text)
        told: bytes = await self._ask("INFO", "server")
        fields = dict(line.split(b":", 1) for line in told.splitlines() if b":" in line)
        return fields.get(b"run_id", b"").decode()

    async def read(self, kind: Kind[T], key: str) -> T | None:
        """Return what is kept, or ``None``."""
        return _decoded(kind, await self._ask("GET", _kept(kind, key)))

    async def change(
        self, kind: Kind[T], key: str, change: Callable[[T | None], T | None]
    ) -> T | None:
        """Apply a function to what is kept until nobody else has changed it meanwhile."""
        name = _kept(kind, key)
        raw: bytes | None = await self._ask("GET", name)
        while True:
            found = _decoded(kind, raw)
            made = change(found)
            if made is found:
                return made
            expected = b"" if raw is None else b"=" + raw
            wanted = b"" if made is None else b"=" + kind.encode(made)
            swapped, *now = await self._run(SWAP, [name], expected, wanted, _ms(kind.seconds))
            if swapped:
                return made
            raw = now[0] if now else None

    async def each(self, kind: Kind[T]) -> list[tuple[str, T]]:
        """Return everything of a kind with its key, the last changed first."""
        every, cursor = _kept(kind, ""), b"0"
        left: dict[str, tuple[int, T]] = {}
        while True:
            cursor, names = await self._ask("SCAN", cursor, "MATCH", every + b"*", "COUNT", PAGE)
            found = await self._run(LOOK, names) if names else []
            for name, (raw, milliseconds) in zip(names, found, strict=True):
                thing = _decoded(kind, raw)
                if thing is not None:
                    left[name[len(every) :].decode("utf-8", "surrogatepass")] = (
                        milliseconds,
                        thing,
                    )
            if cursor == b"0":
                break
        ordered = sorted(left.items(), key=lambda item: item[1][0], reverse=True)
        return [(key, thing) for key, (_, thing) in ordered]

    async def keep(
        self, kind: Kind[T], key: str, thing: T | None, seconds: float, *, anew: bool = False
    ) -> None:
        """Keep a thing, or forget it, whatever was there; with ``anew``, only where nothing is."""
        name = _kept(kind, key)
        if thing is None:
            await self._ask("DEL", name)
        else:
            only = ("NX",) if anew else ()
            await self._ask("SET", name, kind.encode(thing), "PX", _ms(seconds), *only)

    def next_number(self) -> int:
        """Return the number of the next addition; they must be sent in this order."""
        self._number += 1
        return self._number

    async def add(self, amounts: Sequence[Amount], number: int = 0) -> list[int]:
        """Add to counters and return their totals; the same number again adds nothing."""
        names = [_counter(amount.key) for amount in amounts]
        if not any(amount.by for amount in amounts):
            return [int(raw or 0) for raw in await self._ask("MGET", *names)] if names else []
        pairs = [part for each in amounts for part in (each.by, _ms(each.seconds))]
        totals: list[int] = await self._run(
            ADD, [self._heard, *names], number or self.next_number(), *pairs
        )
        return totals

    async def raise_to(self, least: Sequence[Amount]) -> None:
        """See to it that counters are no less than they have been."""
        names = [_counter(amount.key) for amount in least]
        pairs = [part for each in least for part in (each.by, _ms(each.seconds))]
        await self._run(RAISE, names, *pairs)

    async def tell(self, topic: str, word: bytes) -> None:
        """Publish a word."""
        await self._ask("PUBLISH", CHANNEL, f"{self._process} {topic} ".encode() + word)

    async def words(self) -> AsyncGenerator[tuple[str, bytes]]:
        """Yield the words of other processes by topic; first, when it hears, an empty topic."""
        async with aclosing(self._line.hear(CHANNEL)) as pieces:
            async for piece in pieces:
                process, _, rest = piece.partition(b" ")
                topic, _, word = rest.partition(b" ")
                if process != self._process.encode():
                    yield topic.decode(), word

    async def close(self) -> None:
        """Hang up."""
        await self._line.close()

    async def _ask(self, *command: bytes | str | int) -> Any:
        try:
            return await self._line.ask(*command)
        except ResponseError as error:
            raise Unreachable(str(error)) from error

    async def _run(self, script: Script, names: Sequence[bytes], *values: bytes | int) -> Any:
        return await self._ask("EVALSHA", script.sha, len(names), *names, *values)


def _decoded(kind: Kind[T], raw: bytes | None) -> T | None:
    """Return what bytes mean; those of another version of this program mean nothing."""
    if raw is None:
        return None
    try:
        return kind.decode(raw)
    except ValueError:
        return None


def _kept(kind: Kind[Any], key: str) -> bytes:
    return f"{PREFIX}kept:{kind.name}:{key}".encode("utf-8", "surrogatepass")


def _counter(key: str) -> bytes:
    return f"{PREFIX}count:{key}".encode("utf-8", "surrogatepass")


def _ms(seconds: float) -> int:
    return max(1, round(seconds * 1000))
