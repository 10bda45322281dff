"""Makes sure that a peer does what it is measured for: asked once, it answers the right text."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.request import Request, urlopen

from bench.upstream import WORDS

WHOLE = WORDS * 8


def check(
    url: str, body: bytes, headers: Mapping[str, str], proof: Mapping[str, str], text: str
) -> None:
    """Ask, and raise RuntimeError unless the text and the headers are those that are due."""
    request = Request(url, body, {"content-type": "application/json", **headers})
    with urlopen(request, timeout=30) as answer:
        told = {name.lower(): value for name, value in answer.headers.items()}
        stream = told["content-type"].startswith("text/event-stream")
        said = "".join(streamed(answer) if stream else whole(json.load(answer)))
    if said != text:
        raise RuntimeError(f"{url} answered {said[:200]!r} and not {text[:200]!r}")
    for name, value in proof.items():
        if told.get(name) != value:
            raise RuntimeError(f"{url} answered with {name}: {told.get(name)} and not {value}")


def whole(message: Any) -> Iterator[str]:
    """Yield the text of a message, of Anthropic's form or OpenAI's."""
    for block in message.get("content", ()):
        yield block["text"]
    for choice in message.get("choices", ()):
        yield choice["message"]["content"]


def streamed(lines: Iterator[bytes]) -> Iterator[str]:
    """Yield the pieces of text of a stream's events, of Anthropic's form or OpenAI's."""
    for line in lines:
        if line.startswith(b"data:") and line[5:].strip() != b"[DONE]":
            event = json.loads(line[5:])
            yield event.get("delta", {}).get("text", "")
            for choice in event.get("choices", ()):
                yield choice["delta"].get("content") or ""
