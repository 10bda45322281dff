"""The form of a haystack file: ``rolegraph schema haystack`` prints it."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from haystacks.pool import Capability, DialectName, Limits, Timeouts, Tolerance
from haystacks.steps import StepEntry

Seconds = Annotated[float, Field(gt=0, le=86_400)]
Delay = Annotated[float, Field(ge=0, le=600)]
Usd = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Tokens = Annotated[int, Field(gt=0)]
HeaderName = Annotated[str, Field(pattern=r"^[A-Za-z0-9!#$%&'*+.^_`|~-]+$")]
HeaderValue = Annotated[str, Field(pattern=r"^[^\x00-\x1f\x7f]*$")]


_WAIT = Timeouts()
_FORGIVE = Tolerance()
# A route names a haystack as "haystack, model" or "haystack:model".
_NAME = r"[^\s,:/]+"


def _plain(name: str) -> str:
    if not re.fullmatch(_NAME, name):
        raise ValueError("should hold no space, comma, colon or slash")
    return name


Name = Annotated[str, AfterValidator(_plain), Field(json_schema_extra={"pattern": f"^{_NAME}$"})]


class _Form(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class PriceForm(_Form):
    """US dollars per million tokens."""

    input: Usd = Field(description="Tokens of the prompt that no cache holds.")
    output: Usd = Field(description="Tokens of the answer, its thinking included.")
    cache_read: Usd | None = Field(None, description="Tokens read from the provider's cache.")
    cache_write: Usd | None = Field(None, description="Tokens written to the provider's cache.")


class ModelForm(_Form):
    """A model that the haystack offers; a plain text is short for its id."""

    id: str = Field(min_length=1, description="The name that the provider knows it by.")
    context_window: Tokens | None = Field(
        None, description="The most tokens it can read. Left out: what genai-prices says."
    )
    max_output: Tokens | None = Field(None, description="The most tokens it can write.")
    price: PriceForm | None = Field(
        None, description="US dollars per million tokens. Left out: what genai-prices says."
    )
    capabilities: list[Capability] | None = Field(
        None,
        description="All that it can do. Left out: unknown, and never a reason to skip it. "
        "One with embeddings serves /v1/embeddings alone.",
    )
    quality: float = Field(
        0.5, ge=0, le=1, description="How good its answers are, from 0 to 1, in your own view."
    )
    transformers: list[StepEntry] = Field(
        default_factory=list, description="Further steps, for this model alone."
    )


def _named(value: Any) -> Any:
    if not isinstance(value, str | dict):
        raise ValueError("should be a model's id, or a mapping with an id")  # noqa: TRY004  # pydantic turns only a ValueError into a finding
    return {"id": value} if isinstance(value, str) else value


ModelEntry = Annotated[ModelForm, BeforeValidator(_named, json_schema_input_type=str | ModelForm)]


class LimitsForm(_Form):
    """How much may be sent in a sliding minute, and at once."""

    requests_per_minute: int | None = Field(None, gt=0, description="Requests in a minute.")
    tokens_per_minute: int | None = Field(
        None, gt=0, description="Tokens in a minute, those of prompts and answers."
    )
    usd_per_minute: float | None = Field(
        None, gt=0, allow_inf_nan=False, description="US dollars in a minute."
    )
    concurrency: int | None = Field(None, gt=0, description="Requests at the same time.")

    def limits(self) -> Limits:
        """Return the limits."""
        return Limits(**self.model_dump())


class TimeoutsForm(_Form):
    """How long to wait, in seconds."""

    connect: Seconds = Field(_WAIT.connect, description="For the connection.")
    first_byte: Seconds = Field(_WAIT.first_byte, description="For the first byte of the answer.")
    idle: Seconds = Field(_WAIT.idle, description="Between two bytes of the answer.")
    total: Seconds = Field(_WAIT.total, description="For the whole answer.")


class HealthForm(_Form):
    """When a model that fails is passed over, and for how long."""

    failures: int = Field(
        _FORGIVE.failures, ge=1, le=1000, description="So many failures in a row eject it."
    )
    window: Seconds = Field(
        _FORGIVE.window, description="The seconds in which the rate of successes is taken."
    )
    success_rate: float = Field(
        _FORGIVE.success_rate,
        ge=0,
        le=1,
        description="Fewer successes than this share, of 20 and more, eject it.",
    )
    eject: Seconds = Field(
        _FORGIVE.eject, description="Seconds of the first ejection; each next one is twice as long."
    )
    eject_most: Seconds = Field(_FORGIVE.eject_most, description="Seconds of the longest one.")
    probe: float = Field(
        _FORGIVE.probe,
        ge=0,
        le=3600,
        description="Each so many seconds a request of one token finds out whether it is back; "
        "with 0 a user's request does.",
    )


class SimulationForm(_Form):
    """How a simulated provider behaves."""

    first_byte: Delay = Field(0.0, description="Seconds before the answer begins.")
    per_event: Delay = Field(0.0, description="Seconds before each event of a stream.")
    fail: int = Field(
        0, description="An HTTP status of 400 to 599 to answer with instead; 0 for none."
    )


class HaystackForm(_Form):
    """A haystack: one connection to a provider, and its models."""

    name: Name | None = Field(
        None, description="What routes and roles call it, in any case. Left out: the file's name."
    )
    service: str = Field(
        min_length=1,
        description="Who answers: a provider by name, openai-compatible or "
        "anthropic-compatible for any other URL, or simulated.",
    )
    dialect: DialectName | None = Field(
        None, description="The wire format, where it is not the usual one of the service."
    )
    location: str | None = Field(
        None, description="The base URL. May hold ${NAME}. Left out: that of the service."
    )
    path: str = Field(
        "",
        pattern=r"^(/\S*)?$",
        description="The path below the location to post to, where it is not the usual one.",
    )
    api_key: str | Annotated[list[str], Field(min_length=1)] | None = Field(
        None,
        description="The key as ${NAME} or ${NAME:-default}; of a list, each in turn. "
        "Left out: the usual variable of the service.",
    )
    auth: Literal["key", "passthrough"] = Field(
        "key",
        description="passthrough: the client's own OAuth token of a Claude subscription goes there "
        "instead of a key.",
    )
    files: Literal["native"] | None = Field(
        None,
        description="native: what clients upload is kept there, and its ids work there alone; "
        "only for anthropic. Left out: it is kept here, and works everywhere.",
    )
    headers: dict[HeaderName, HeaderValue] = Field(
        default_factory=dict, description="More headers to send; values may hold ${NAME}."
    )
    models: list[ModelEntry] = Field(
        default_factory=list, description="The models to choose from; others work by name."
    )
    transformers: list[StepEntry] = Field(
        default_factory=list,
        description="Steps that requests and answers go through: each a name, or {name: options}.",
    )
    limits: LimitsForm | None = Field(
        None, description="How much may be sent in a sliding minute, and at once."
    )
    timeouts: TimeoutsForm | None = Field(None, description="How long to wait, in seconds.")
    health: HealthForm | None = Field(
        None, description="When a model that fails is passed over, and for how long."
    )
    simulation: SimulationForm | None = Field(
        None, description="How the service simulated behaves; for no other."
    )


class SearchForm(BaseModel):
    """A haystack of Terraphim that searches documents: its other keys are its own."""

    model_config = ConfigDict(hide_input_in_errors=True)

    name: Name | None = Field(None, description="Left out: the file's name.")
    service: str = Field(description="For example Ripgrep.")
    location: str = Field("", description="Where it searches; for Ripgrep, a folder.")
