"""The free text of a custom tool: the one argument of a function elsewhere."""

from __future__ import annotations

from haystacks.dialect import Json
from haystacks.dialects.openai_chat.arguments import RAW, encode_arguments
from haystacks.dialects.openai_responses.declared_tools import INPUT


def wrap(text: str) -> Json:
    """Return the text as arguments."""
    return {INPUT: text}


def unwrap(arguments: Json) -> str:
    """Return the text of a call.

    A model may have named its one argument otherwise, or written the text
    itself instead of JSON; anything else stays the JSON that it is.
    """
    for name in (INPUT, RAW):
        if isinstance(text := arguments.get(name), str):
            return text
    match list(arguments.values()):
        case []:
            return ""
        case [str(text)]:
            return text
    return encode_arguments(arguments)
