"""One thing asked of a model: a question, the call that it answers with, and how that is read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import Any, Final, TypeVar

import orjson
from pydantic import BaseModel, ConfigDict, ValidationError

from haystacks.dialect import Json

# Room for a prompt of about twenty pages.
_MAX_TOKENS: Final = 16_000


class OtherForm(ValueError):
    """The model answered in another form than it was asked for; the message says what is amiss."""


class Call(BaseModel):
    """The input of a call. What a model adds to it is dropped."""

    model_config = ConfigDict(extra="ignore")


CallT = TypeVar("CallT", bound=Call)


@dataclass(frozen=True, slots=True)
class Task:
    """A question about a client's prompt.

    ``read`` turns the input of the call into the fields of the answer; it raises ``OtherForm``.
    """

    instructions: str
    question: str = field(repr=False)
    tool: str
    purpose: str
    call: type[Call]
    read: Callable[[Any], Json] = field(repr=False)

    def request(self, amiss: str = "") -> bytes:
        """Return it as a request to ``/v1/messages``; ``amiss`` is why the last answer was no use.

        The first time the model may choose, since one that thinks can't be forced to call.
        """
        question = f"{self.question}\n\nUse {self.tool}."
        choice: Json = {"type": "auto"}
        if amiss:
            question += f" Your last answer could not be used: {amiss}."
            choice = {"type": "tool", "name": self.tool}
        schema = self.call.model_json_schema()
        return orjson.dumps(
            {
                "model": "auto",
                "max_tokens": _MAX_TOKENS,
                "system": instructions(self.instructions),
                "messages": [{"role": "user", "content": question}],
                "tools": [{"name": self.tool, "description": self.purpose, "input_schema": schema}],
                "tool_choice": choice,
            }
        )

    def answer(self, message: Json) -> Json:
        """Return the fields of the answer that a message holds. Raises ``OtherForm``."""
        try:
            return self.read(self.call.model_validate(_input(message, self.tool)))
        except ValidationError as error:
            first = error.errors()[0]
            place = ".".join(map(str, first["loc"]))
            raise OtherForm(f"{self.tool} {place}: {first['msg']}") from error


@cache
def instructions(name: str) -> str:
    """Return the instructions of that name."""
    file = resources.files("server.prompt_tools").joinpath(f"{name}.md")
    return file.read_text(encoding="utf-8").strip()


def _input(message: Json, tool: str) -> Any:
    """Return the input of the call; of a model that only speaks, the JSON that it wrote instead."""
    text = ""
    for block in message.get("content") or ():
        if block.get("type") == "tool_use" and block.get("name") == tool:
            return block.get("input")
        text += str(block.get("text") or "")
    start, end = text.find("{"), text.rfind("}")
    try:
        return orjson.loads(text[start : end + 1])
    except orjson.JSONDecodeError:
        raise OtherForm(f"it does not call {tool}") from None
