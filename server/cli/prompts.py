"""A file of prompts: one a line, as text or as JSON."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, Field, ValidationError


class Unreadable(Exception):
    """What a command was given can't be used; the message says what and why."""


@dataclass(frozen=True, slots=True)
class Prompt:
    """What a user would write, the role that is asked and the model that the client names."""

    line: int
    text: str
    role: str = ""
    model: str = ""


class _Line(BaseModel):
    prompt: str = Field(min_length=1)
    role: str = ""
    model: str = ""


def read_prompts(file: Path, role: str) -> list[Prompt]:
    """Return the prompts of a file; ``role`` is asked where a line names none.

    A line is a prompt, or JSON such as ``{"prompt": "...", "role": "...", "model": "..."}``,
    of which any other key is let be; empty lines are passed over. Raises
    ``OSError``, and ``Unreadable`` with the number of the line.
    """
    try:
        text = file.read_text("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Unreadable(f"{file} is not UTF-8 text") from error
    # Not splitlines(): it breaks at characters that a prompt may hold.
    lines = enumerate(text.split("\n"), start=1)
    return [_prompt(file, number, line.strip(), role) for number, line in lines if line.strip()]


def _prompt(file: Path, number: int, line: str, role: str) -> Prompt:
    if not line.startswith("{"):
        return Prompt(number, line, role)
    try:
        read = _Line.model_validate_json(line)
    except ValidationError as error:
        (first, *_) = error.errors()
        where = "".join(f'"{part}": ' for part in first["loc"])
        raise Unreadable(f"{file}:{number}: {where}{first['msg']}") from error
    return Prompt(number, read.prompt, read.role or role, read.model)
