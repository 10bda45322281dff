"""Gemini's thought signatures, carried through the client in its thinking blocks.

Gemini signs a part of its answer, above all the first function call, and from
the third generation on refuses a conversation in which that call comes back
unsigned. A canonical call has no place for a signature; the thinking before it
has. The signature is marked as Gemini's there, so that no other provider gets
it, and with the kind of part that it belongs to.
(ai.google.dev, "Thought signatures")
"""

from __future__ import annotations

from typing import Final, Literal, NamedTuple

from haystacks.dialect import Json
from haystacks.dialects.gemini.generation import generation
from haystacks.pool import Model

Signed = Literal["functionCall", "text", "thought"]

_MARK: Final = "gemini."
_LOST: Final = "skip_thought_signature_validator"
"""Google's own word for a call whose signature is lost, or that another model made."""


class Signature(NamedTuple):
    """A signature, and the field that the part it belongs to must have."""

    field: str
    value: str


def seal(field: Signed, value: str) -> str:
    """Return the signature of a thinking block that carries Gemini's."""
    return f"{_MARK}{field}.{value}"


def unseal(signature: object) -> Signature | None:
    """Return what was sealed; ``None`` for thinking that is not Gemini's."""
    if not isinstance(signature, str) or not signature.startswith(_MARK):
        return None
    field, _, value = signature.removeprefix(_MARK).partition(".")
    return Signature(field, value)


def signed(part: Json, signature: Signature | None) -> Json:
    """Return the part with its signature, if it is one for such a part."""
    if signature is None or signature.field not in part:
        return part
    return {**part, "thoughtSignature": signature.value}


def complete(parts: list[Json], model: Model) -> list[Json]:
    """Return a turn's parts, the first call with a signature where the model insists on one."""
    if generation(model) < 3:
        return parts
    for index, part in enumerate(parts):
        if "functionCall" in part:
            first = {"thoughtSignature": _LOST, **part}
            return [*parts[:index], first, *parts[index + 1 :]]
    return parts
