"""Read an Anthropic client's request: checked just enough, and left as it is.

What is unknown passes: clients grow new fields and blocks every week. Checked
is what the other dialects' encoders rely on.
"""

from __future__ import annotations

from typing import Any, Final

from haystacks.dialect import Adaptation, Json
from haystacks.dialects.anthropic.error import NO_THREADS
from haystacks.dialects.anthropic.subagent_tag import obey_tag
from haystacks.errors import BadRequest

_ROLES: Final = ("user", "assistant", "system")
_FIELDS: Final[tuple[tuple[str, type], ...]] = (
    ("metadata", dict),
    ("output_config", dict),
    ("stop_sequences", list),
    ("thinking", dict),
    ("tool_choice", dict),
    ("tools", list),
)
_BLOCK_FIELDS: Final[dict[str, tuple[tuple[str, type], ...]]] = {
    "text": (("text", str),),
    "image": (("source", dict),),
    "document": (("source", dict),),
    "tool_use": (("id", str), ("name", str), ("input", dict)),
    "tool_result": (("tool_use_id", str),),
    "tool_reference": (("tool_name", str),),
    "search_result": (("content", list),),
}
_CONTAINERS: Final = ("document", "search_result", "tool_result")
_WORDS: Final[dict[type, str]] = {str: "string", dict: "dictionary", list: "list"}


def decode_request(body: Json, adaptation: Adaptation) -> Json:
    """Return the body itself, unless a tag in it names another model.

    Raises ``BadRequest`` that names the place, as Anthropic does.
    """
    if body.get("thread"):  # the conversation before this turn is at Anthropic alone
        adaptation.refuse(NO_THREADS)
    _require(body.get("model", ""), str, "model")
    _check_max_tokens(body)
    for name, kind in _FIELDS:
        if body.get(name) is not None:
            _require(body[name], kind, name)
    for index, stop in enumerate(body.get("stop_sequences") or ()):
        _require(stop, str, f"stop_sequences.{index}")
    _require((body.get("output_config") or {}).get("format") or {}, dict, "output_config.format")
    _check_blocks(body.get("system"), "system")
    for index, tool in enumerate(body.get("tools") or ()):
        _check_tool(tool, f"tools.{index}")
    messages = _require(body.get("messages"), list, "messages")
    if not messages:
        raise BadRequest("messages: at least one message is required")
    for index, message in enumerate(messages):
        _check_message(message, f"messages.{index}")
    return obey_tag(body)


def _require(value: Any, kind: type, place: str) -> Any:
    if not isinstance(value, kind):
        raise BadRequest(f"{place}: Input should be a valid {_WORDS[kind]}")
    return value


def _check_max_tokens(body: Json) -> None:
    value = body.get("max_tokens", 1)
    if type(value) is not int or value < 1:
        raise BadRequest("max_tokens: Input should be a positive integer")


def _check_tool(tool: Any, place: str) -> None:
    kind = _require(tool, dict, place).get("type") or "custom"
    _require(kind, str, f"{place}.type")
    if kind == "custom":
        _require(tool.get("name"), str, f"{place}.name")


def _check_message(message: Any, place: str) -> None:
    if _require(message, dict, place).get("role") not in _ROLES:
        raise BadRequest(f"{place}.role: Input should be 'user', 'assistant' or 'system'")
    if message.get("content") is None:
        raise BadRequest(f"{place}.content: Field required")
    _check_blocks(message["content"], f"{place}.content")


def _check_blocks(content: Any, place: str) -> None:
    if content is None or isinstance(content, str):
        return
    for index, block in enumerate(_require(content, list, place)):
        _check_block(block, f"{place}.{index}")


def _check_block(block: Any, place: str) -> None:
    kind = _require(block, dict, place).get("type")
    _require(kind, str, f"{place}.type")
    for name, type_ in _BLOCK_FIELDS.get(kind, ()):
        _require(block.get(name), type_, f"{place}.{name}")
    if kind in _CONTAINERS:
        inner = block["source"] if kind == "document" else block
        _check_blocks(inner.get("content"), f"{place}.content")
