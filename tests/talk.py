"""A conversation over the wire: the client keeps the history, and sends it whole each time."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import httpx

from tests.standin import Answer, Seen, ToolCall

# Words at which the stand-in calls a tool; in a tool's result too.
AGAIN = "use a tool"

CALL = ToolCall("look", {"where": "here"})
TOOLS = [{"name": "look", "input_schema": {"type": "object"}}]


@dataclass(slots=True)
class Clock:
    """Unix time that stands still until a test moves it. It begins a minute."""

    now: float = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


@dataclass(slots=True)
class Talk:
    """One conversation of an Anthropic client. ``headers`` go with every request.

    ``more`` are further fields of the body.
    """

    client: httpx.AsyncClient
    headers: dict[str, str] = field(default_factory=dict)
    more: dict[str, Any] = field(default_factory=dict)
    messages: list[dict[str, Any]] = field(default_factory=list)

    async def says(self, text: str, **headers: str) -> str:
        """Begin a turn; return what answered, as ``haystack,model``."""
        self.messages.append({"role": "user", "content": text})
        return await self.again(**headers)

    async def result(self, text: str = AGAIN, **headers: str) -> str:
        """Send the result of the tool that was called."""
        block = {"type": "tool_result", "tool_use_id": CALL.id, "content": text}
        self.messages.append({"role": "user", "content": [block]})
        return await self.again(**headers)

    async def again(self, **headers: str) -> str:
        """Send what is there, as a client does that tries again; its answer joins the history."""
        answer = await self.post(**headers)
        assert answer.status_code == 200, answer.text
        self.messages.append({"role": "assistant", "content": answer.json()["content"]})
        return went(answer)

    async def post(self, **headers: str) -> httpx.Response:
        """Send the history, and leave it as it is."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        body = {"model": "auto", "max_tokens": 64, "tools": TOOLS, "messages": self.messages}
        return await self.client.post(
            "/v1/messages", json=body | self.more, headers=self.headers | named
        )


def went(answer: httpx.Response) -> str:
    """Return what answered, as ``haystack,model``."""
    return f"{answer.headers['x-rolegraph-haystack']},{answer.headers['x-rolegraph-model']}"


def looking(seen: Seen, **said: Any) -> Answer:
    """Return a script's answer: a call while the newest words ask for one, else the end."""
    newest = str(seen.body["messages"][-1])
    if AGAIN in newest:
        return Answer(text="", calls=(CALL,), **said)
    return Answer(**said)
