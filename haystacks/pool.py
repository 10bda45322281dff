"""What the other rooms know of a haystack: its models, connection and limits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, Literal

if TYPE_CHECKING:  # a transformer is told of the model that it works for
    from haystacks.transformer import Transformer

DialectName = Literal["anthropic", "openai_chat", "openai_responses", "ollama", "gemini"]
Capability = Literal["tools", "images", "thinking", "web_search", "embeddings"]

_EMPTY: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Price:
    """US dollars per million tokens; ``None`` where the provider names no price."""

    input: float
    output: float
    cache_read: float | None = None
    cache_write: float | None = None


@dataclass(frozen=True, slots=True)
class Model:
    """A model as its provider names it. ``None`` means: nobody has told us.

    What is unknown never excludes a model: a filter asks only what is known. A model
    that makes embeddings gives no other answers.
    """

    id: str
    context_window: int | None = None
    max_output: int | None = None
    price: Price | None = None
    capabilities: frozenset[Capability] | None = None
    quality: float = 0.5
    listed: bool = True
    transformers: tuple[Transformer, ...] = ()

    @property
    def embeds(self) -> bool:
        """Whether it makes embeddings, and nothing else."""
        return self.capabilities is not None and "embeddings" in self.capabilities


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds: to connect, to the first byte, between two bytes, for the whole call."""

    connect: float = 5.0
    first_byte: float = 60.0
    idle: float = 120.0
    total: float = 600.0


@dataclass(frozen=True, slots=True)
class Tolerance:
    """When a candidate that fails is passed over, and for how long; in seconds.

    ``failures`` in a row, or a share of successes under ``success_rate`` in the last
    ``window``, eject it: for ``eject`` at first, twice as long each time, for
    ``eject_most`` at the most. With a ``probe`` a small request of our own tries each
    so many seconds whether it is back; 0: the next user's request does.
    """

    # Five in a row are no coincidence, and cost five requests a second attempt.
    failures: int = 5
    # Long enough to hold a sample, short enough that a recovered provider isn't
    # judged by its outage.
    window: float = 30.0
    # Worse than a coin: a second attempt elsewhere is then likelier to be needed than not.
    success_rate: float = 0.5
    # A restart takes about this long; a retry storm has passed.
    eject: float = 5.0
    # Nobody waits longer than five minutes for a provider that is back.
    eject_most: float = 300.0
    probe: float = 0.0


@dataclass(frozen=True, slots=True)
class Limits:
    """How much may be sent in a sliding minute, and at once; ``None`` is no bound."""

    requests_per_minute: int | None = None
    tokens_per_minute: int | None = None
    usd_per_minute: float | None = None
    concurrency: int | None = None


NO_LIMITS: Final = Limits()


@dataclass(frozen=True, slots=True)
class Haystack:
    """One provider connection and its models.

    ``inactive`` holds the reason why no request may go there (a missing key),
    and is empty for a haystack that is in use. ``location`` ends without a
    slash. With ``passthrough`` the client's own subscription pays, and there is
    no key. With ``native_files`` it stores its clients' files itself. ``simulated`` is
    set where this process plays the provider itself.
    """

    name: str
    service: str
    dialect: DialectName
    location: str
    path: str = ""
    keys: tuple[str, ...] = field(default=(), repr=False)
    passthrough: bool = False
    native_files: bool = False
    headers: Mapping[str, str] = field(default_factory=lambda: _EMPTY, repr=False)
    models: tuple[Model, ...] = ()
    transformers: tuple[Transformer, ...] = ()
    limits: Limits = NO_LIMITS
    timeouts: Timeouts = Timeouts()
    health: Tolerance = Tolerance()
    inactive: str = ""
    simulated: Simulation | None = None

    def model(self, name: str) -> Model:
        """Return the model of that name, listed or not: providers add models every week."""
        for model in self.models:
            if model.id == name:
                return model
        return Model(name, listed=False)


@dataclass(frozen=True, slots=True)
class Simulation:
    """How the simulated provider behaves; delays in seconds.

    ``fail`` is an HTTP status to answer with instead (0: none).
    """

    first_byte: float = 0.0
    per_event: float = 0.0
    fail: int = 0


@dataclass(frozen=True, slots=True)
class Candidate:
    """A haystack and one of its models: where an attempt may go.

    ``key`` is the two names: what makes a candidate another one.
    """

    haystack: Haystack
    model: Model
    # Everything that is known of candidates is kept by it, so it is made once.
    key: tuple[str, str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "key", (self.haystack.name, self.model.id))

    def __str__(self) -> str:
        return f"{self.haystack.name},{self.model.id}"
