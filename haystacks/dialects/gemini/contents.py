"""Canonical messages -> Gemini's contents: ``user`` and ``model`` in turn."""

from __future__ import annotations

from typing import Final

from haystacks.dialect import Adaptation, Json
from haystacks.dialects.block_marks import note_marks
from haystacks.dialects.gemini.generation import generation
from haystacks.dialects.gemini.parts import encode_parts
from haystacks.dialects.gemini.thought_signature import Signature, complete, signed, unseal
from haystacks.dialects.gemini.tool_result import encode_results
from haystacks.dialects.openai_chat.ids import tool_id
from haystacks.dialects.turns import turns
from haystacks.pool import Model

_MODEL_FIRST: Final = "(The assistant speaks first.)"
_GO_ON: Final = "Go on exactly where your last message ends. Repeat nothing of it."


def encode_contents(canonical: Json, model: Model, adaptation: Adaptation) -> list[Json]:
    """Return the contents; the user's is the first and, since the third generation, the last."""
    if any("output_config" in message for message in canonical["messages"]):
        adaptation.note("output_config of a message dropped")
    contents: list[Json] = []
    names: dict[str, str] = {}  # of the tools, by the ids of their calls
    for turn in turns(canonical["messages"]):
        if turn.role == "assistant":
            parts = complete(_model_parts(turn.blocks, names, adaptation), model)
            _append(contents, "model", parts)
        elif turn.role == "user":
            _append(contents, "user", _user_parts(turn.blocks, names, model, adaptation))
        else:
            adaptation.note("late system message sent as system-reminder")
            _append(contents, "user", _reminders(turn.blocks, adaptation))
    if not contents:
        if not adaptation.refusals:
            adaptation.refuse("every message is empty")
        return []
    if contents[0]["role"] == "model":
        adaptation.note("a user message put first")
        contents.insert(0, {"role": "user", "parts": [{"text": _MODEL_FIRST}]})
    if contents[-1]["role"] == "model" and generation(model) >= 3:
        adaptation.note("the begun answer continues in a new message")
        _append(contents, "user", [{"text": _GO_ON}])
    return contents


def _append(contents: list[Json], role: str, parts: list[Json]) -> None:
    if not parts:
        return
    if contents and contents[-1]["role"] == role:
        contents[-1]["parts"] += parts
    else:
        contents.append({"role": role, "parts": parts})


def _user_parts(
    blocks: list[Json], names: dict[str, str], model: Model, adaptation: Adaptation
) -> list[Json]:
    """Return the tool results, which ``turns`` has put first, and then the user's own words."""
    results = [block for block in blocks if block["type"] == "tool_result"]
    own = blocks[len(results) :]
    return encode_results(results, names, model, adaptation) + encode_parts(own, adaptation)


def _reminders(blocks: list[Json], adaptation: Adaptation) -> list[Json]:
    texts = (part["text"] for part in encode_parts(blocks, adaptation) if "text" in part)
    return [{"text": f"<system-reminder>\n{text}\n</system-reminder>"} for text in texts]


def _model_parts(blocks: list[Json], names: dict[str, str], adaptation: Adaptation) -> list[Json]:
    """Return what the model said and called, each part with its signature where there is one."""
    parts: list[Json] = []
    held: Signature | None = None
    for block in blocks:
        kind = block["type"]
        note_marks(block, adaptation)
        if kind == "text":
            parts.append(signed({"text": block["text"]}, held))
        elif kind == "tool_use":
            call_id = tool_id(block["id"])
            names[call_id] = block["name"]
            call = {"id": call_id, "name": block["name"], "args": block["input"]}
            parts.append(signed({"functionCall": call}, held))
        elif kind == "thinking" and (found := unseal(block.get("signature"))):
            if found.field == "thought":
                thought = {"text": str(block.get("thinking", "")), "thought": True}
                parts.append(signed(thought, found))
            held = found
            continue
        elif kind in ("thinking", "redacted_thinking"):
            adaptation.note(f"{kind} blocks removed")
        elif kind in ("server_tool_use", "mcp_tool_use") or kind.endswith("_tool_result"):
            adaptation.note("server tool history removed")
        else:
            adaptation.refuse(f"a {kind} block can't be sent to Gemini")
        held = None
    return parts
