"""A tool's result: a canonical block -> Gemini's function response."""

from __future__ import annotations

from haystacks.dialect import Adaptation, Json
from haystacks.dialects.block_marks import note_marks
from haystacks.dialects.gemini.generation import generation
from haystacks.dialects.gemini.parts import encode_parts
from haystacks.dialects.openai_chat.ids import tool_id
from haystacks.dialects.turns import content_blocks
from haystacks.pool import Model

_NAMELESS = "unknown"
"""For a result whose call is not in the conversation: Gemini wants some name."""


def encode_results(
    results: list[Json], names: dict[str, str], model: Model, adaptation: Adaptation
) -> list[Json]:
    """Return one part for each result, then the media that can't stand inside of one.

    ``names`` are those of the tools by the ids of their calls, in the order of
    the calls: older models go by that. Since its third generation Gemini sees
    pictures and PDFs inside a function response.
    """
    places = {call_id: place for place, call_id in enumerate(names)}
    responses: list[Json] = []
    outside: list[Json] = []
    for result in sorted(results, key=lambda each: places.get(tool_id(each["tool_use_id"]), -1)):
        note_marks(result, adaptation)
        parts = encode_parts(content_blocks(result.get("content")), adaptation)
        media = [part for part in parts if "text" not in part]
        call_id = tool_id(result["tool_use_id"])
        text = "\n".join(part["text"] for part in parts if "text" in part)
        said = text or ("(attached)" if media else "")
        response: Json = {
            "id": call_id,
            "name": names.get(call_id, _NAMELESS),
            "response": {"error" if result.get("is_error") else "output": said},
        }
        if media and generation(model) >= 3:
            response["parts"] = media
        elif media:
            adaptation.note("media of tool results moved behind them")
            outside += [{"text": f"From the tool call {call_id}:"}, *media]
        responses.append({"functionResponse": response})
    return responses + outside
