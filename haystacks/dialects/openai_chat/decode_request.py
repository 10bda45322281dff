"""An OpenAI client's request -> the canonical one."""

from __future__ import annotations

from hashlib import sha256
from typing import Any, Final

from haystacks.dialect import Adaptation, Json
from haystacks.dialects.openai_chat.decode_messages import decode_messages
from haystacks.dialects.openai_chat.effort import decode_effort
from haystacks.dialects.openai_chat.output_format import decode_format
from haystacks.dialects.openai_chat.sampling import decode_sampling
from haystacks.dialects.openai_chat.tools import decode_tools
from haystacks.errors import BadRequest

_READ: Final = frozenset(
    {
        "audio",
        "function_call",
        "functions",
        "logprobs",
        "max_completion_tokens",
        "max_tokens",
        "messages",
        "modalities",
        "model",
        "n",
        "parallel_tool_calls",
        "reasoning_effort",
        "response_format",
        "stop",
        "stream",
        "stream_options",
        "temperature",
        "tool_choice",
        "tools",
        "top_logprobs",
        "top_p",
        "user",
        "web_search_options",
    }
)
_LONGEST_USER_ID: Final = 256


def decode_request(body: Json, adaptation: Adaptation) -> Json:
    """Return the canonical request; see ``Dialect.decode_request``.

    What another provider can't do is refused here by name. Between two OpenAI
    dialects the client's own bytes pass, and these refusals don't count.
    """
    model = body.get("model", "")
    if not isinstance(model, str):
        raise BadRequest("model must be a string")
    canonical: Json = {"model": model, **decode_messages(body.get("messages"), adaptation)}
    max_tokens = _max_tokens(body)
    if max_tokens is not None:
        canonical["max_tokens"] = max_tokens
    canonical |= decode_tools(body, adaptation)
    canonical |= decode_effort(body.get("reasoning_effort"), adaptation)
    canonical |= decode_sampling(body, adaptation)
    stops = _stops(body.get("stop"))
    if stops:
        canonical["stop_sequences"] = stops
    if body.get("stream") is True:
        canonical["stream"] = True
    if isinstance(body.get("user"), str):
        canonical["metadata"] = {"user_id": _user_id(body["user"])}
    _decode_format(body.get("response_format"), canonical, adaptation)
    _refuse(body, adaptation)
    for name in sorted(body.keys() - _READ):
        adaptation.note(f"{name} dropped")
    return canonical


def _max_tokens(body: Json) -> int | None:
    for name in ("max_completion_tokens", "max_tokens"):
        value = body.get(name)
        if value is None:
            continue
        if type(value) is not int or value < 1:
            raise BadRequest(f"{name} must be a positive integer")
        return value
    return None


def _stops(stop: Any) -> list[str]:
    stops = [stop] if isinstance(stop, str) else stop or []
    if not isinstance(stops, list) or not all(isinstance(text, str) for text in stops):
        raise BadRequest("stop must be a string or a list of strings")
    return stops


def _user_id(user: str) -> str:
    return user if len(user) <= _LONGEST_USER_ID else sha256(user.encode()).hexdigest()


def _decode_format(wanted: Any, canonical: Json, adaptation: Adaptation) -> None:
    if not isinstance(wanted, dict):
        return
    described = wanted.get("json_schema")
    schema = described.get("schema") if isinstance(described, dict) else None
    place = "response_format.json_schema.schema"
    decode_format(wanted.get("type"), schema, canonical, adaptation, place=place)


def _refuse(body: Json, adaptation: Adaptation) -> None:
    if (body.get("n") or 1) != 1:
        adaptation.refuse("n over 1 is not supported")
    if body.get("logprobs"):
        adaptation.refuse("logprobs are not supported")
    if body.get("audio") or "audio" in str(body.get("modalities")):
        adaptation.refuse("audio output is not supported")
