"""Which tool call a streamed fragment belongs to.

OpenAI numbers the calls, and names each in its first fragment. Others leave
the number out, give every call the number 0, repeat the name, send empty or
new ids with each fragment, or the arguments as an object instead of a text.
"""

from __future__ import annotations

from typing import Any

from haystacks.dialect import Json
from haystacks.dialects.block_stream import Block, BlockStream
from haystacks.dialects.openai_chat.arguments import encode_arguments
from haystacks.dialects.openai_chat.ids import tool_id
from haystacks.errors import BadAnswer


class ToolCalls:
    """The calls of one message, each a block."""

    __slots__ = ("_blocks", "_by_id", "_by_index", "_latest", "_made")

    def __init__(self, blocks: BlockStream) -> None:
        self._blocks = blocks
        self._by_index: dict[int, Block] = {}
        self._by_id: dict[str, Block] = {}
        self._latest: Block | None = None
        self._made = 0

    def add(self, fragment: Any, message_id: str) -> list[Json]:
        """Return the events that one entry of ``tool_calls`` brings.

        Raises ``BadAnswer`` for what is no such entry.
        """
        function = fragment.get("function") or {} if isinstance(fragment, dict) else None
        if not isinstance(function, dict):
            raise BadAnswer("the upstream sent a tool call that is none")
        index, call_id = fragment.get("index"), _text(fragment.get("id"))
        name, arguments = _text(function.get("name")), function.get("arguments")
        call = self._owner(index, call_id, name)
        if call is None:
            self._made += 1
            call = self._blocks.call(tool_id(call_id or f"{message_id}:{self._made}"), name)
        elif not call.content["name"]:
            call.content["name"] = name
            if call_id:
                call.content["id"] = tool_id(call_id)
        self._latest = call
        if isinstance(index, int):
            self._by_index[index] = call
        if call_id:
            self._by_id[call_id] = call
        return self._blocks.extend(call, _json(arguments))

    def _owner(self, index: object, call_id: str, name: str) -> Block | None:
        """Return the call that a fragment continues; ``None`` if it begins one."""
        if isinstance(index, int):
            call = self._by_index.get(index)
            new_id = call_id and self._by_id.get(call_id) is not call
            return None if call and name and new_id and call.whole else call
        if call_id in self._by_id:
            return self._by_id[call_id]
        latest = self._latest
        if latest is None or not (name and latest.content["name"]):
            return latest
        same = not call_id and name == latest.content["name"] and not latest.whole
        return latest if same else None


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _json(arguments: object) -> str:
    if arguments is None or isinstance(arguments, str):
        return arguments or ""
    if not isinstance(arguments, dict):
        raise BadAnswer("the upstream called a tool with arguments that are no object")
    return encode_arguments(arguments)
