"""What a provider must be told, in a translated request, so that it keeps the prompt."""

from __future__ import annotations

from hashlib import sha256
from typing import Final

from haystacks.dialect import Json
from haystacks.pool import Candidate

KEEP: Final = {"cache_control": {"type": "ephemeral"}}


def cache_hints(candidate: Candidate, canonical: Json, session: str) -> Json:
    """Return the fields to add to the body, none where the provider keeps prompts unasked.

    OpenAI finds a prompt again by the session that it belongs to. Claude keeps
    only what it is asked to, and takes a quarter more for writing it down: it is
    asked where the prompt will come again, in a conversation and with tools
    (platform.claude.com, "Prompt caching": automatic caching; OpenRouter passes it on).
    """
    service = candidate.haystack.service
    if service == "openai" and session:
        return {"prompt_cache_key": sha256(session.encode()).hexdigest()[:32]}
    claude = service == "anthropic" or (
        service == "openrouter" and candidate.model.id.startswith("anthropic/")
    )
    return KEEP if claude and comes_again(canonical) else {}


def comes_again(canonical: Json) -> bool:
    """Tell whether a prompt is an agent's or a conversation's: more will be sent behind it."""
    return bool(canonical.get("tools")) or len(canonical["messages"]) > 1
