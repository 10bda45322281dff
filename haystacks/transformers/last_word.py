"""Says something to the model behind all that the user and the tools have said."""

from __future__ import annotations

from haystacks.dialect import Json


def with_last_word(canonical: Json, text: str) -> Json:
    """Return the canonical request with a text as the end of its last message.

    An answer that the client has begun itself is left alone: the same request is returned.
    """
    *earlier, last = canonical["messages"]
    if last["role"] == "assistant":
        return canonical
    content = last["content"]
    blocks = [{"type": "text", "text": content}] if isinstance(content, str) else content
    said = {**last, "content": [*blocks, {"type": "text", "text": text}]}
    return {**canonical, "messages": [*earlier, said]}
