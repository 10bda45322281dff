"""The three prompt tools: what each asks a model, and what it makes of the answer."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from pydantic import BaseModel, Field

from haystacks.dialect import Json
from server.prompt_tools.form import GenerateForm, ImproveForm, PromptMessage, TemplatizeForm
from server.prompt_tools.task import Call, OtherForm, Task
from server.prompt_tools.template import named, templatized

_VARIABLE: Final = re.compile(r"\{\{[^{}]+\}\}")


class WritePrompt(Call):
    """A whole prompt."""

    prompt: str = Field(min_length=1, description="The whole user message.")
    system: str = Field("", description="The whole system prompt; empty if none is needed.")


class Variable(Call):
    """A piece of a prompt that varies."""

    name: str = Field(description="What kind of thing it is, as in TARGET_LANGUAGE.")
    value: str = Field(description="The piece, letter for letter.")


class NameVariables(Call):
    """Every piece of a prompt that varies."""

    variables: list[Variable]


def generate(form: GenerateForm) -> Task:
    """Return the task of writing a prompt."""

    def read(call: WritePrompt) -> Json:
        return {"messages": [_message("user", [call.prompt])], "system": call.system}

    return _writing("generate", _tagged("task", form.task), read)


def improve(form: ImproveForm) -> Task:
    """Return the task of revising a prompt. Its variables and the answer's opening stay."""
    user = [text for each in form.messages if each.role == "user" for text in each.texts]
    prefill = [each for each in form.messages if each.role == "assistant"]
    prompt, system = "\n\n".join(user), form.system or ""
    opening = "".join(text for each in prefill for text in each.texts)
    parts = {
        "system": system,
        "prompt": prompt,
        "prefill": opening,
        "feedback": form.feedback or "",
    }
    variables = set(_VARIABLE.findall(prompt + system))

    def read(call: WritePrompt) -> Json:
        if lost := variables - set(_VARIABLE.findall(call.prompt + call.system)):
            raise OtherForm(f"it has lost {', '.join(sorted(lost))}")
        kept = [_message(each.role, each.texts) for each in prefill]
        return {"messages": [_message("user", [call.prompt]), *kept], "system": call.system}

    question = "\n\n".join(_tagged(name, text) for name, text in parts.items() if text)
    return _writing("improve", question, read)


def templatize(form: TemplatizeForm) -> Task:
    """Return the task of finding what varies; the variables are put in here, not by the model."""
    system = form.system or ""
    texts = [system, *(text for each in form.messages for text in each.texts)]

    def read(call: NameVariables) -> Json:
        values = named(((each.name, each.value) for each in call.variables), texts)
        return {
            "messages": [_templatized(each, values) for each in form.messages],
            "system": templatized(system, values),
            "variable_values": values,
        }

    parts = [_tagged("system", system)] if system else []
    parts += [_tagged("message", "\n\n".join(each.texts)) for each in form.messages]
    return Task(
        "templatize",
        "\n\n".join(parts),
        "name_variables",
        "Take the pieces of a prompt that vary.",
        NameVariables,
        read,
    )


TOOLS: Final[Mapping[str, tuple[type[BaseModel], Callable[[Any], Task]]]] = {
    "generate_prompt": (GenerateForm, generate),
    "improve_prompt": (ImproveForm, improve),
    "templatize_prompt": (TemplatizeForm, templatize),
}


def _writing(instructions: str, question: str, read: Callable[[WritePrompt], Json]) -> Task:
    purpose = "Take a finished prompt."
    return Task(instructions, question, "write_prompt", purpose, WritePrompt, read)


def _templatized(message: PromptMessage, values: Mapping[str, str]) -> Json:
    return _message(message.role, [templatized(text, values) for text in message.texts])


def _message(role: str, texts: Sequence[str]) -> Json:
    return {"role": role, "content": [{"type": "text", "text": text} for text in texts]}


def _tagged(name: str, text: str) -> str:
    return f"<{name}>\n{text}\n</{name}>"
