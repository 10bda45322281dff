"""A request for a response -> the canonical one."""

from __future__ import annotations

from typing import Any, Final

from haystacks.dialect import Adaptation, Json
from haystacks.dialects.openai_chat.effort import decode_effort
from haystacks.dialects.openai_chat.output_format import decode_format
from haystacks.dialects.openai_chat.sampling import decode_sampling
from haystacks.dialects.openai_responses.decode_items import decode_items
from haystacks.dialects.openai_responses.session import decode_session
from haystacks.dialects.openai_responses.tools import decode_tools
from haystacks.errors import BadRequest

_READ: Final = frozenset(
    {
        "include",
        "input",
        "instructions",
        "max_output_tokens",
        "model",
        "parallel_tool_calls",
        "prompt_cache_key",
        "reasoning",
        "safety_identifier",
        "stream",
        "stream_options",
        "temperature",
        "text",
        "tool_choice",
        "tools",
        "top_p",
        "user",
    }
)
_REFUSED: Final = {
    "background": "background is not supported",
    "conversation": "conversation is not supported: send the whole history as input",
    "previous_response_id": (
        "previous_response_id is not supported: send the whole history as input"
    ),
    "prompt": "prompt is not supported: it is stored elsewhere",
    "top_logprobs": "top_logprobs are not supported",
}
_HARMLESS: Final[Json] = {"service_tier": "auto", "store": False, "truncation": "disabled"}
"""Values that ask for nothing that is lost."""

_KEPT_REASONING: Final = "reasoning.encrypted_content"


def decode_request(body: Json, adaptation: Adaptation) -> Json:
    """Return the canonical request; see ``Dialect.decode_request``.

    What another provider can't do is refused here by name. Between two sides
    that both speak Responses the client's own bytes pass, and no refusal counts.
    """
    model = body.get("model") or ""
    if not isinstance(model, str):
        raise BadRequest("model must be a string")
    canonical: Json = {"model": model, **decode_items(body, adaptation)}
    max_tokens = body.get("max_output_tokens")
    if max_tokens is not None:
        if type(max_tokens) is not int or max_tokens < 1:
            raise BadRequest("max_output_tokens must be a positive integer")
        canonical["max_tokens"] = max_tokens
    canonical |= decode_tools(body, adaptation)
    canonical |= _reasoning(body.get("reasoning"), adaptation)
    canonical |= decode_sampling(body, adaptation)
    if body.get("stream") is True:
        canonical["stream"] = True
    canonical |= decode_session(body, adaptation)
    _text(body.get("text"), canonical, adaptation)
    _include(body.get("include"), adaptation)
    for name in sorted(body.keys() - _READ):
        _pass_over(name, body[name], adaptation)
    return canonical


def _object(value: Any, place: str) -> Json:
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise BadRequest(f"{place} must be an object")
    return value


def _reasoning(wanted: Any, adaptation: Adaptation) -> Json:
    reasoning = _object(wanted, "reasoning")
    for name in sorted(reasoning.keys() - {"effort"}):
        if reasoning[name] is not None:
            adaptation.note(f"reasoning.{name} dropped")
    return decode_effort(reasoning.get("effort"), adaptation)


def _text(wanted: Any, canonical: Json, adaptation: Adaptation) -> None:
    text = _object(wanted, "text")
    if text.get("verbosity") is not None:
        adaptation.note("text.verbosity dropped")
    described = _object(text.get("format"), "text.format")
    kind, schema = described.get("type"), described.get("schema")
    decode_format(kind, schema, canonical, adaptation, place="text.format.schema")


def _include(wanted: Any, adaptation: Adaptation) -> None:
    for name in wanted if isinstance(wanted, list) else ():
        if name != _KEPT_REASONING:
            adaptation.note(f"include {name} dropped")


def _pass_over(name: str, value: Any, adaptation: Adaptation) -> None:
    """Say what is lost with a field that has no canonical form."""
    if name in _REFUSED:
        if value:
            adaptation.refuse(_REFUSED[name])
    elif value is not None and value != _HARMLESS.get(name):
        adaptation.note(f"{name} dropped")
