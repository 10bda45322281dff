"""What whole answers and the pieces of a stream have in common."""

from __future__ import annotations

from typing import Any

from haystacks.dialect import Json, TokenEstimate
from haystacks.dialects.openai_chat.stop_reason import stop_reason
from haystacks.dialects.openai_chat.usage import estimated_usage
from haystacks.errors import BadAnswer


def said(answer: Json) -> Json:
    """Return what an answer, or a piece of one, says. Raises ``BadAnswer`` for what is neither."""
    message = answer.get("message")
    if not isinstance(message, dict):
        raise BadAnswer("the upstream answered with something that is no message")
    return message


def text(message: Json, field: str) -> str:
    """Return ``content`` or ``thinking``; a field that is missing or null is empty."""
    found = message.get(field)
    return found if isinstance(found, str) else ""


def calls(message: Json) -> list[tuple[str, str, Json]]:
    """Return (id, name, arguments) of each tool call; most servers send no id.

    Raises ``BadAnswer`` for a call that names no tool, or whose arguments are no object.
    """
    found: Any = message.get("tool_calls") or []
    if not isinstance(found, list):
        raise BadAnswer("the upstream sent tool calls that are no list")
    return [_call(each) for each in found]


def _call(call: Any) -> tuple[str, str, Json]:
    function = call.get("function") if isinstance(call, dict) else None
    name = function.get("name") if isinstance(function, dict) else None
    if not isinstance(function, dict) or not isinstance(name, str) or not name:
        raise BadAnswer("the upstream called a tool without naming it")
    arguments = function.get("arguments") or {}
    if not isinstance(arguments, dict):
        raise BadAnswer("the upstream called a tool with arguments that are no object")
    call_id = call.get("id")
    return call_id if isinstance(call_id, str) else "", name, arguments


def ended(answer: Json, *, tools: bool) -> str:
    """Return the canonical stop reason of an answer that is done.

    Raises ``BadAnswer`` where the model was only loaded or unloaded.
    """
    reason = answer.get("done_reason") or "stop"
    if reason in ("load", "unload"):
        raise BadAnswer(f"the upstream said nothing: it did only {reason} the model")
    return stop_reason(reason if isinstance(reason, str) else None, tools=tools)


def usage(answer: Json, estimate: TokenEstimate, output: str) -> Json:
    """Return the counts. Ollama leaves out one that is 0: of a prompt that it still holds, say."""
    read, written = answer.get("prompt_eval_count"), answer.get("eval_count")
    return estimated_usage(
        read if isinstance(read, int) else estimate.input(),
        written if isinstance(written, int) else estimate.text(output),
    )
