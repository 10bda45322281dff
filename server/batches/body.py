"""Cuts the requests out of a batch's body while it is still coming."""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import AsyncIterable, AsyncIterator
from typing import Any, Final

from haystacks.errors import BadRequest

_LEAST: Final = 64 * 1024
_SPACE: Final = re.compile(r"[ \t\n\r]*")


async def requests_of(chunks: AsyncIterable[bytes], longest: int) -> AsyncIterator[Any]:
    """Yield each entry of the body's list ``requests``, one after another, unchecked.

    ``longest`` bounds one entry, in characters. Raises ``BadRequest`` for a body
    that is not a JSON object with such a list, once that is seen.
    """
    body = _Body(chunks, longest)
    await body.need("{", "the body must be a JSON object")
    found = False
    if not await body.skip("}"):
        while True:
            key = await body.value()
            await body.need(":")
            if key == "requests":
                found = True
                await body.need("[", "requests: Input should be a valid list")
                if not await body.skip("]"):
                    while True:
                        yield await body.value()
                        if await body.skip("]"):
                            break
                        await body.need(",")
            else:
                await body.value()
            if await body.skip("}"):
                break
            await body.need(",")
    if await body.peek():
        raise BadRequest("the body is not JSON: something follows its object")
    if not found:
        raise BadRequest("requests: Field required")


class _Body:
    """A text that comes in pieces, and how far it was read."""

    def __init__(self, chunks: AsyncIterable[bytes], longest: int) -> None:
        self._chunks = aiter(chunks)
        self._decode = codecs.getincrementaldecoder("utf-8")().decode
        self._read = json.JSONDecoder(parse_constant=_refuse).raw_decode
        self._longest = longest
        self._text = ""
        self._at = 0
        self._whole = False

    async def peek(self) -> str:
        """Return the next character that is no space, empty at the end."""
        while True:
            space = _SPACE.match(self._text, self._at)
            self._at = space.end() if space else self._at
            if self._at < len(self._text) or self._whole:
                return self._text[self._at : self._at + 1]
            await self._more()

    async def skip(self, character: str) -> bool:
        """Go past a character, if it is the next one."""
        if await self.peek() != character:
            return False
        self._at += 1
        return True

    async def need(self, character: str, otherwise: str = "") -> None:
        """Go past a character that must be the next one."""
        if not await self.skip(character):
            raise BadRequest(otherwise or f"the body is not JSON: {character} expected")

    async def value(self) -> Any:
        """Read one value. What is not complete looks like what is wrong until all is there."""
        await self.peek()
        while True:
            wrong = ""
            try:
                value, end = self._read(self._text, self._at)
            except ValueError as error:
                wrong, end = str(error), len(self._text)
            except RecursionError:
                raise BadRequest("the body nests too deep") from None
            if end < len(self._text) or (self._whole and not wrong):
                self._at = end
                return value
            if self._whole:
                raise BadRequest(f"the body is not JSON: {wrong}")
            if len(self._text) - self._at > self._longest:
                raise BadRequest(
                    f"the body is not JSON, or one entry is longer than {self._longest} bytes"
                )
            await self._more()

    async def _more(self) -> None:
        """Read on, at least as much again as is here: so nothing is read more than twice."""
        rest = self._text[self._at :]
        pieces, size, wanted = [rest], 0, max(_LEAST, len(rest))
        try:
            while size < wanted and not self._whole:
                chunk = await anext(self._chunks, None)
                self._whole = chunk is None
                size += len(chunk or b"")
                pieces.append(self._decode(chunk or b"", final=self._whole))
        except UnicodeDecodeError as error:
            raise BadRequest("the body is not UTF-8 text") from error
        self._text, self._at = "".join(pieces), 0


def _refuse(constant: str) -> None:
    """Refuse what Python takes for JSON, and nobody else."""
    raise ValueError(f"{constant} is no value")
