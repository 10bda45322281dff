"""The embeddings of the simulated provider: the same text always has the same vector."""

from __future__ import annotations

import base64
import hashlib
import math
import struct
from typing import Any, Final

import orjson

from haystacks.dialect import Json
from haystacks.errors import BadRequest

_DIMENSIONS: Final = 256
_MOST_DIMENSIONS: Final = 4096


def embeddings(request: Json) -> Json:
    """Return OpenAI's answer: a vector of length 1 for each input, as numbers or in base64.

    Tokens are counted as four characters each. Raises ``BadRequest``.
    """
    inputs = _inputs(request.get("input"))
    size = request.get("dimensions") or _DIMENSIONS
    if not isinstance(size, int) or not 1 <= size <= _MOST_DIMENSIONS:
        raise BadRequest(f"dimensions: must be from 1 to {_MOST_DIMENSIONS}")
    packed = request.get("encoding_format") == "base64"
    tokens = sum(len(each) if isinstance(each, list) else -(-len(each) // 4) for each in inputs)
    return {
        "object": "list",
        "data": [
            {"object": "embedding", "index": index, "embedding": _form(_vector(each, size), packed)}
            for index, each in enumerate(inputs)
        ],
        "model": request.get("model", ""),
        "usage": {"prompt_tokens": tokens, "total_tokens": tokens},
    }


def _inputs(given: Any) -> list[Any]:
    """Return each text, or list of tokens, by itself."""
    if isinstance(given, str) and given:
        return [given]
    if isinstance(given, list) and given:
        return [given] if isinstance(given[0], int) else given
    raise BadRequest("input: must be a text, tokens, or a list of such")


def _vector(each: Any, size: int) -> list[float]:
    seed = hashlib.shake_256(orjson.dumps(each)).digest(2 * size)
    numbers = [number - 32767.5 for number in struct.unpack(f"<{size}H", seed)]
    length = math.hypot(*numbers)
    return [number / length for number in numbers]


def _form(vector: list[float], packed: bool) -> list[float] | str:  # noqa: FBT001 - what the request asks for
    return base64.b64encode(struct.pack(f"<{len(vector)}f", *vector)).decode() if packed else vector
