"""A transformer: a named step that changes what goes to a model, or what comes back.

It has up to four hooks. Each returns its very argument where it has nothing to
change: so it is known what to report, and untouched bytes stay untouched.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Generic, Protocol, TypeVar

from pydantic import BaseModel, ConfigDict

from haystacks.dialect import Json
from haystacks.pool import DialectName, Model


class Form(BaseModel):
    """The options of a transformer, as a haystack file gives them."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class Knowledge(Protocol):
    """What a knowledge graph makes of a request; both return their argument where it knows nothing.

    They touch the newest message that the user wrote, and of it only the user's own words.
    """

    def replaced(self, canonical: Json) -> Json:
        """Return the request with the names of concepts in place of their synonyms."""
        ...

    def annotated(self, canonical: Json, most: int) -> Json:
        """Return the request with what at most so many matched concepts are about."""
        ...


class _Nothing:
    """Knows nothing."""

    def replaced(self, canonical: Json) -> Json:
        return canonical

    def annotated(self, canonical: Json, most: int) -> Json:
        del most
        return canonical


NO_KNOWLEDGE: Final[Knowledge] = _Nothing()


@dataclass(frozen=True, slots=True)
class Target:
    """Where a body goes; ``canonical`` is what the client asked for."""

    dialect: DialectName
    model: Model
    canonical: Json


Filter = Callable[[Json], list[Json]]
"""Takes a canonical stream event, returns those that stand for it; one Filter per answer.

What it holds back it gives out at the latest with the event that ends the block.
"""


@dataclass(frozen=True, slots=True)
class Transformer:
    """One step with its options set.

    ``request`` changes the canonical request, and so forces a translation;
    ``body`` the body in the dialect of the upstream; ``message`` a whole
    canonical answer, ``events`` a streamed one. No hook changes its argument.
    """

    name: str
    request: Callable[[Json, Knowledge], Json] | None = field(default=None, repr=False)
    body: Callable[[Json, Target], Json] | None = field(default=None, repr=False)
    message: Callable[[Json], Json] | None = field(default=None, repr=False)
    events: Callable[[], Filter] | None = field(default=None, repr=False)

    @property
    def reads_answers(self) -> bool:
        """Whether an answer must be decoded for it."""
        return self.message is not None or self.events is not None


O = TypeVar("O", bound=BaseModel)  # noqa: E741 - the options, in the one place that names them


@dataclass(frozen=True, slots=True)
class Kind(Generic[O]):
    """A transformer that files may name, before its options are known."""

    name: str
    promise: str
    options: type[O]
    make: Callable[[O], Transformer]

    def plain(self) -> Transformer | None:
        """Return it without options, as a concept names it; ``None`` if it needs some."""
        if any(option.is_required() for option in self.options.model_fields.values()):
            return None
        return self.make(self.options())


Kinds = Mapping[str, Kind[Any]]
