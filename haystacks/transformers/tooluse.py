"""The model must call a tool each time; one more tool lets it answer in words instead."""

from __future__ import annotations

from typing import Any, Final

import orjson

from haystacks.dialect import Json
from haystacks.transformer import Form, Knowledge, Transformer
from haystacks.transformers.last_word import with_last_word

EXIT: Final = "exit_tool_mode"
_TOOL: Final[Json] = {
    "name": EXIT,
    "description": "Ends the work with tools and answers the user in words. Call it once the task "
    "is done, or where none of the other tools can bring it forward.",
    "input_schema": {
        "type": "object",
        "properties": {"response": {"type": "string", "description": "The words for the user."}},
        "required": ["response"],
    },
}
_REMINDER: Final = (
    "<system-reminder>Work with the tools: call the one that brings the task forward most. "
    f"If none fits, or all is done, call {EXIT} with your answer.</system-reminder>"
)


class Options(Form):
    """There are none."""


def make(_options: Options) -> Transformer:
    """Return the transformer; see the module."""
    return Transformer(
        "tooluse", request=_insist, message=_answered, events=lambda: _ExitFilter().feed
    )


def _insist(canonical: Json, _knowledge: Knowledge) -> Json:
    """Force a tool call, where the client has tools and has left the choice among them open."""
    tools: list[Json] = canonical.get("tools") or []
    free = (canonical.get("tool_choice") or {"type": "auto"}).get("type") == "auto"
    if not tools or not free or any(tool.get("name") == EXIT for tool in tools):
        return canonical
    # No provider lets a model think and be forced at once.
    kept = {key: value for key, value in canonical.items() if key != "thinking"}
    choice = {**(canonical.get("tool_choice") or {}), "type": "any"}
    return with_last_word({**kept, "tools": [*tools, _TOOL], "tool_choice": choice}, _REMINDER)


def _answered(message: Json) -> Json:
    content = [
        {"type": "text", "text": _words(block["input"])} if _exits(block) else block
        for block in message["content"]
    ]
    if not any(map(_exits, message["content"])):
        return message
    calls = any(block.get("type") == "tool_use" for block in content)
    reason = message.get("stop_reason") if calls else _reason(message.get("stop_reason"))
    return {**message, "content": content, "stop_reason": reason}


def _exits(block: Json) -> bool:
    return block.get("type") == "tool_use" and block.get("name") == EXIT


def _reason(reason: Any) -> Any:
    return "end_turn" if reason == "tool_use" else reason


def _words(arguments: Any) -> str:
    said = arguments.get("response") if isinstance(arguments, dict) else None
    return said if isinstance(said, str) else orjson.dumps(arguments).decode()


class _ExitFilter:
    """The events of one stream: the exit's arguments are held back until they are whole."""

    def __init__(self) -> None:
        self._arguments: list[str] | None = None
        self._calls = self._exited = False

    def feed(self, event: Json) -> list[Json]:
        match event["type"]:
            case "content_block_start" if _exits(event["content_block"]):
                self._arguments, self._exited = [], True
                return [{**event, "content_block": {"type": "text", "text": ""}}]
            case "content_block_start":
                self._calls |= event["content_block"].get("type") == "tool_use"
            case "content_block_delta" if self._arguments is not None:
                self._arguments.append(event["delta"].get("partial_json", ""))
                return []
            case "content_block_stop" if self._arguments is not None:
                text, self._arguments = _told("".join(self._arguments)), None
                delta = {"type": "text_delta", "text": text}
                return [{**event, "type": "content_block_delta", "delta": delta}, event]
            case "message_delta" if self._exited and not self._calls:
                delta = event["delta"]
                return [{**event, "delta": {**delta, "stop_reason": _reason(delta["stop_reason"])}}]
        return [event]


def _told(arguments: str) -> str:
    try:
        return _words(orjson.loads(arguments))
    except orjson.JSONDecodeError:
        return arguments  # what the model meant to say, if not as it was told to
