"""Why Gemini ended an answer, in Anthropic's words."""

from __future__ import annotations

from typing import Final

from haystacks.dialect import Json
from haystacks.errors import BadAnswer

_CUT: Final = frozenset({"MAX_TOKENS", "CONTINUATION"})
_REFUSED: Final = frozenset(
    {
        "BLOCKLIST",
        "ESCALATION",
        "IMAGE_PROHIBITED_CONTENT",
        "IMAGE_RECITATION",
        "IMAGE_SAFETY",
        "LANGUAGE",
        "MODEL_ARMOR",
        "PROHIBITED_CONTENT",
        "PUP_LIMITED_DISABLED",
        "RECITATION",
        "SAFETY",
        "SPII",
    }
)
_FAILED: Final = frozenset(
    {
        "IMAGE_OTHER",
        "MALFORMED_FUNCTION_CALL",
        "MALFORMED_RESPONSE",
        "MISSING_THOUGHT_SIGNATURE",
        "NO_IMAGE",
        "OTHER",
        "TOO_MANY_TOOL_CALLS",
        "UNEXPECTED_TOOL_CALL",
    }
)
"""The model broke down: another try, or another model, may do better."""


def check_finish(candidate: Json) -> str:
    """Return the finish reason so far; empty if there is none.

    Raises ``BadAnswer`` for one that means a breakdown, with Google's words for it.
    """
    reason = candidate.get("finishReason")
    if not isinstance(reason, str):
        return ""
    if reason in _FAILED:
        told = candidate.get("finishMessage")
        because = f": {told}" if isinstance(told, str) and told else ""
        raise BadAnswer(f"the upstream broke off with {reason}{because}")
    return reason


def stop_reason(finish: str, *, calls: bool, content: bool) -> str:
    """Return the canonical stop reason of an answer that ended.

    ``calls``: it calls a tool; ``content``: it says anything at all. Gemini says
    ``STOP`` also behind a call. Raises ``BadAnswer`` for an answer that is
    empty without a reason.
    """
    if finish in _CUT:
        return "max_tokens"
    if finish in _REFUSED:
        return "refusal"
    if not content:
        raise BadAnswer("the upstream ended an answer that says nothing")
    return "tool_use" if calls else "end_turn"


def blocked(answer: Json) -> bool:
    """Tell whether Google refused the prompt itself."""
    feedback = answer.get("promptFeedback")
    return isinstance(feedback, dict) and bool(feedback.get("blockReason"))
