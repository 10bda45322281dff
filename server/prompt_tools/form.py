"""What clients send to the prompt tools."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

# Messages of a prompt, and blocks of a message.
_MOST: Final = 100

# Only there for statistics of Anthropic's own.
TargetModel = Annotated[str | None, Field(min_length=1, max_length=256)]


class TextBlock(BaseModel):
    """The one kind of block that a prompt may hold here: no tools, images or cache marks."""

    model_config = ConfigDict(extra="forbid")

    type: Literal["text"]
    text: str


class PromptMessage(BaseModel):
    """One message of a prompt."""

    role: Literal["user", "assistant"]
    content: str | Annotated[list[TextBlock], Field(max_length=_MOST)]

    @property
    def texts(self) -> list[str]:
        """The text of each block."""
        blocks = self.content
        return [blocks] if isinstance(blocks, str) else [block.text for block in blocks]


def _in_order(messages: Sequence[PromptMessage]) -> Sequence[PromptMessage]:
    """Let the user speak first, and the assistant only begin its answer."""
    roles = [message.role for message in messages]
    if roles[0] != "user" or "assistant" in roles[:-1]:
        raise ValueError("should be user messages, and at the end the assistant's opening at most")
    if not any(text.strip() for each in messages if each.role == "user" for text in each.texts):
        raise ValueError("should hold a prompt, and are empty")
    return messages


Messages = Annotated[
    list[PromptMessage], Field(min_length=1, max_length=_MOST), AfterValidator(_in_order)
]


class GenerateForm(BaseModel):
    """What a prompt shall be for."""

    task: str = Field(min_length=1, pattern=r"\S")
    target_model: TargetModel = None


class ImproveForm(BaseModel):
    """A prompt, and what its owner wants changed."""

    messages: Messages
    system: str | None = None
    feedback: str | None = None
    target_model: TargetModel = None


class TemplatizeForm(BaseModel):
    """A prompt whose values shall become variables."""

    messages: Messages
    system: str | None = None
