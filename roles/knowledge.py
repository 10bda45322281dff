"""What a role's rolegraph makes of a request, for the transformers that only it can serve."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from rolegraph.replace import name_of, replaced
from rolegraph.rolegraph import Rolegraph
from roles.injected import injected, written

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class GraphKnowledge:
    """Fits ``haystacks.transformer.Knowledge``: the same words count as in routing."""

    rolegraph: Rolegraph

    def replaced(self, canonical: Json) -> Json:
        """Return the request with the names of concepts in place of their synonyms.

        What a client has put into the user's message stays as it is.
        """

        def in_text(text: str) -> str:
            return replaced(text, self.rolegraph.matches(text), injected(text))

        return _with_newest(canonical, lambda content: _each_text(content, in_text))

    def annotated(self, canonical: Json, most: int) -> Json:
        """Return the request with the first paragraphs of the best concepts matched."""

        def beside(content: str | list[Json]) -> str | list[Json]:
            hits = self.rolegraph.hits("\n".join(map(written, _texts(content))))
            told = [
                f"{name_of(hit.concept)}: {hit.concept.summary}"
                for hit in hits
                if hit.concept.summary
            ][:most]
            if not told:
                return content
            blocks = [{"type": "text", "text": content}] if isinstance(content, str) else content
            context = "\n\n".join(told)
            return [*blocks, {"type": "text", "text": f"<context>\n{context}\n</context>"}]

        return _with_newest(canonical, beside)


def _with_newest(canonical: Json, change: Callable[[str | list[Json]], str | list[Json]]) -> Json:
    """Return the request with the newest message that the user wrote changed."""
    messages: list[Json] = canonical["messages"]
    for index in reversed(range(len(messages))):
        message = messages[index]
        if message["role"] == "user" and any(map(written, _texts(message["content"]))):
            content = change(message["content"])
            if content is message["content"]:
                return canonical
            changed = {**message, "content": content}
            return {**canonical, "messages": [*messages[:index], changed, *messages[index + 1 :]]}
    return canonical


def _texts(content: str | list[Json]) -> list[str]:
    if isinstance(content, str):
        return [content]
    return [block["text"] for block in content if block["type"] == "text"]


def _each_text(content: str | list[Json], change: Callable[[str], str]) -> str | list[Json]:
    """Return the content with every text changed; the same one if none was."""
    if isinstance(content, str):
        text = change(content)
        return content if text == content else text
    blocks: list[Json] = []
    for block in content:
        text = change(block["text"]) if block["type"] == "text" else ""
        same = block["type"] != "text" or text == block["text"]
        blocks.append(block if same else {**block, "text": text})
    if all(after is before for after, before in zip(blocks, content, strict=True)):
        return content
    return blocks
