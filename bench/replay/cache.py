"""Prompt caches as providers keep them: a prefix that was sent lately is cheaper.

One model for all, from these pages as they stood in 2026:

- Anthropic (platform.claude.com, "Prompt caching"): the request is tools, system,
  messages, in this order. The client marks up to four breakpoints; what
  precedes one is written, from 1,024 tokens on. A read finds what was written
  at most 20 blocks before a breakpoint, and renews its five minutes.
- OpenAI (developers.openai.com, "Prompt caching"): by itself, from 1,024 tokens
  on; new models charge for what is written. DeepSeek, Gemini, Groq and others:
  by itself, and writing is free.
- OpenRouter passes these rules on: Claude wants its marks there too.

Simplified: five minutes everywhere (some keep longer), one minimum, whole
blocks, and nothing is ever evicted before its time.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final, Literal

import orjson

from haystacks.dialect import Json
from haystacks.pool import DialectName, Haystack, Model

SECONDS: Final = 300.0
_LEAST: Final = 1024
_BREAKPOINTS: Final = 4
_LOOK_BACK: Final = 20
_CHARACTERS_PER_TOKEN: Final = 4

Rule = Literal["none", "marked", "automatic", "automatic, writes cost"]


@dataclass(frozen=True, slots=True)
class Prefix:
    """A request up to the end of one of its blocks; ``digest`` tells it from all others."""

    digest: int
    tokens: int
    marked: bool


def rule_of(haystack: Haystack, model: Model) -> Rule:
    """Return how a provider caches a model's prompts; where it names no price, it doesn't."""
    if model.price is None or model.price.cache_read is None:
        return "none"
    if haystack.service == "anthropic" or model.id.startswith("anthropic/"):
        return "marked"
    written = haystack.service == "openai" and model.price.cache_write is not None
    return "automatic, writes cost" if written else "automatic"


def prefixes(body: Json, dialect: DialectName) -> list[Prefix]:
    """Return the prefixes of a request as it came over the wire, shortest first."""
    found: list[Prefix] = []
    digest, tokens = 0, 0
    for block, marked in _blocks(body, dialect):
        written = orjson.dumps(block)
        digest = hash((digest, written))
        tokens += -(-len(written) // _CHARACTERS_PER_TOKEN)
        found.append(Prefix(digest, tokens, marked))
    if "cache_control" in body:
        found[-1] = replace(found[-1], marked=True)
    return found


def _blocks(body: Json, dialect: DialectName) -> Iterator[tuple[Json, bool]]:
    """Yield what can end a prefix, without its mark, and whether it had one."""
    for tool in body.get("tools") or ():
        yield _unmarked(tool)
    if dialect == "anthropic":
        for block in _content(body.get("system")):
            yield _unmarked(block)
    for message in body["messages"]:
        parts = [_unmarked(part) for part in _content(message.get("content"))]
        if dialect == "anthropic":
            yield from (({"role": message["role"], **part}, marked) for part, marked in parts)
        else:
            plain = {**message, "content": [part for part, _ in parts]}
            yield plain, any(marked for _, marked in parts)


def _unmarked(block: Json) -> tuple[Json, bool]:
    if "cache_control" not in block:
        return block, False
    return {name: block[name] for name in block if name != "cache_control"}, True


def _content(content: Any) -> Sequence[Json]:
    return [{"type": "text", "text": content}] if isinstance(content, str) else content or ()


@dataclass(slots=True)
class Caches:
    """The caches of every model of every provider, one account each."""

    _used: dict[tuple[str, str, int], float] = field(default_factory=dict)

    def read(self, haystack: Haystack, model: Model, request: Sequence[Prefix], now: float) -> Json:
        """Return the canonical usage of a request's input, and keep what is kept of it."""
        rule, total = rule_of(haystack, model), request[-1].tokens
        ends = _ends(request, rule)
        places = _places(request, ends, rule)
        name = (haystack.name, model.id)
        live = [at for at in places if now - self._last((*name, request[at].digest)) < SECONDS]
        read = request[live[-1]].tokens if live else 0
        kept = request[ends[-1]].tokens if ends else 0
        for at in places if rule != "marked" else (*ends, *live[-1:]):
            if request[at].tokens >= _LEAST:
                self._used[(*name, request[at].digest)] = now
        writes = rule in {"marked", "automatic, writes cost"} and kept >= _LEAST
        written = max(kept - read, 0) if writes else 0
        return {
            "input_tokens": total - read - written,
            "cache_read_input_tokens": read,
            "cache_creation_input_tokens": written,
        }

    def _last(self, key: tuple[str, str, int]) -> float:
        return self._used.get(key, float("-inf"))


def _ends(request: Sequence[Prefix], rule: Rule) -> list[int]:
    """Return the places up to which the request is kept."""
    if rule == "none":
        return []
    if rule == "marked":
        return [at for at, prefix in enumerate(request) if prefix.marked][-_BREAKPOINTS:]
    return [len(request) - 1]


def _places(request: Sequence[Prefix], ends: Sequence[int], rule: Rule) -> list[int]:
    """Return the places, in order, where what was kept before may be found."""
    if rule != "marked":
        return list(range(len(request))) if ends else []
    return sorted({at for end in ends for at in range(max(0, end - _LOOK_BACK), end + 1)})
