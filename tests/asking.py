"""What a client of each dialect asks, and where."""

from __future__ import annotations

from typing import Any

from tests.running import user

PATHS = {
    "anthropic": "/v1/messages",
    "openai_chat": "/v1/chat/completions",
    "openai_responses": "/v1/responses",
}


def asking(
    client: str, text: str = "hello", *, stream: bool = False, **more: Any
) -> dict[str, Any]:
    """Return a request of one user message; ``more`` are fields of the client's own dialect."""
    if client == "openai_responses":
        body = {"model": "auto", "max_output_tokens": 64, "stream": stream, "input": text}
        return {**body, **more}
    body = user(text, stream=stream)
    if client == "openai_chat" and stream:
        body["stream_options"] = {"include_usage": True}
    return {**body, **more}
