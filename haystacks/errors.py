"""The errors of the way out and back: one tree, and the one table that decides.

``MATRIX``, at the end, has a line for each way in which an attempt can fail: the
HTTP status that a client sees, what may be tried next, what the failure is held
against, and what rests for how long. Nothing else in the code decides those.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Literal

_NO_HEADERS: Mapping[str, str] = MappingProxyType({})

# Characters: a message may quote what a client sent, and goes to the log and the database.
_LONGEST: Final = 10_000

Next = Literal["nothing", "key", "candidate", "window"]
Blamed = Literal["nobody", "model", "haystack"]
Rests = Literal["nothing", "key", "key+model", "model"]


@dataclass(frozen=True, slots=True)
class Rule:
    """What a failed attempt leads to: a line of the retry matrix.

    ``status`` is what the client sees if nothing else answers; 0 is the
    upstream's own. ``next`` may be tried: another ``key`` of the haystack and
    then another candidate, another ``candidate``, or only one with a known,
    larger context ``window``. The failure counts against the health of the
    ``blamed``. What ``rests`` is asked by nobody for ``seconds``; 0 are those that
    ``retry-after`` names.
    """

    status: int
    next: Next
    blamed: Blamed
    rests: Rests = "nothing"
    seconds: float = 0.0


class RolegraphError(Exception):
    """Any failure that a client is told about.

    ``kind`` is Anthropic's error type; the other dialects derive theirs.
    ``headers`` are those of the upstream answer that the client should see
    (``retry-after``, rate limits). ``tried`` names the candidates that failed or were
    passed over, and ``attempts`` counts the calls that were made to them.
    ``final`` tells the client not to try again: several candidates were tried.
    """

    status: int = 500
    kind: str = "api_error"
    final: bool = False
    tried: tuple[str, ...] = ()
    attempts: int = 0

    def __init__(self, message: str, *, headers: Mapping[str, str] = _NO_HEADERS) -> None:
        message = message if len(message) <= _LONGEST else f"{message[:_LONGEST]}..."
        super().__init__(message)
        self.message = message
        self.headers = headers


# -- What the client did


class BadRequest(RolegraphError):
    """The request can't be read, or asks for what cannot be expressed."""

    status = 400
    kind = "invalid_request_error"


class Unauthorized(RolegraphError):
    """The client's key is missing or unknown to us."""

    status = 401
    kind = "authentication_error"


class NotFound(RolegraphError):
    """The role, model or path does not exist."""

    status = 404
    kind = "not_found_error"


class FileMissing(BadRequest):
    """Nobody has stored a file of this id here, and this provider keeps none for its clients."""

    status = 404
    kind = "not_found_error"


class TooLarge(RolegraphError):
    """The body is larger than this server accepts."""

    status = 413
    kind = "request_too_large"


class NotSupported(RolegraphError):
    """Only the provider itself offers this, and there is none to pass it to."""

    status = 501
    kind = "not_supported"
    final = True


class NoCandidate(RolegraphError):
    """No model of the role can take this request; the message names each reason."""

    status = 400
    kind = "invalid_request_error"


class LimitReached(RolegraphError):
    """A client's key, or everything that could answer, is at a limit of ours."""

    status = 429
    kind = "rate_limit_error"


class BudgetExceeded(RolegraphError):
    """The money of the role or of the client's key is spent; waiting seconds won't help."""

    status = 429
    kind = "budget_exceeded"
    final = True
    held = False  # some of it is set aside for requests that are under way, and may come back


# -- What the upstream did


class UpstreamError(RolegraphError):
    """An attempt failed; ``MATRIX`` has what follows. ``cause`` says it in two words."""

    cause: str = "no answer"

    def __init__(self, message: str, *, headers: Mapping[str, str] = _NO_HEADERS) -> None:
        super().__init__(message, headers=headers)
        self.status = rule_of(self).status


class ConnectFailed(UpstreamError):
    """No connection: refused, reset, unresolved, no TLS, or not in time."""

    kind = "overloaded_error"
    cause = "no connection"


class UpstreamTimeout(UpstreamError):
    """The upstream said nothing for longer than its haystack allows."""

    kind = "timeout_error"
    cause = "silence"


class Outpaced(UpstreamError):
    """Another candidate, asked beside this one, answered sooner; nothing is wrong with it."""


class BadAnswer(UpstreamError):
    """The upstream answered with something that is no answer: HTML, cut JSON, nothing."""


class StreamBroken(UpstreamError):
    """The stream ended before it was complete."""

    cause = "a broken stream"


class UpstreamStatus(UpstreamError):
    """The upstream answered with an error status; the leaf is chosen by ``from_status``.

    ``body`` is its answer where the client speaks the same dialect: it passes verbatim.
    """

    def __init__(
        self,
        message: str,
        *,
        upstream_status: int,
        kind: str = "",
        headers: Mapping[str, str] = _NO_HEADERS,
    ) -> None:
        super().__init__(message, headers=headers)
        self.upstream_status = upstream_status
        self.cause = f"status {upstream_status}"
        self.body = b""
        if not self.status:
            self.status = upstream_status if 400 <= upstream_status < 600 else 502
        if kind:
            self.kind = kind


class Overloaded(UpstreamStatus):
    """5xx and 529: the provider is in trouble, and its own status says how."""

    kind = "overloaded_error"


class RateLimited(UpstreamStatus):
    """429: this key has used up its share of a model; ``retry-after`` is passed on."""

    kind = "rate_limit_error"


class OurKeyRefused(UpstreamStatus):
    """401 and 402: the haystack's own key is at fault, never the client's."""


class Forbidden(UpstreamStatus):
    """403: the haystack's own key is not for this model."""


class ModelMissing(UpstreamStatus):
    """404: the haystack has no such model."""

    kind = "not_found_error"


class Conflict(UpstreamStatus):
    """408 and 409: the upstream asks to try again."""

    kind = "overloaded_error"


class Unfit(UpstreamStatus):
    """403 or 404 for this request alone: flagged words, a feature that no endpoint has."""

    kind = "invalid_request_error"


class Refused(UpstreamStatus):
    """Any other 4xx: the request's own fault, passed on word for word.

    It never fails over: clients mend themselves by reading the message.
    """

    kind = "invalid_request_error"


class TooLong(Refused):
    """A 4xx because the conversation is longer than the context window, passed on word for word."""


class Exhausted(RolegraphError):
    """Every candidate failed; the message names what each one said.

    Not ``overloaded_error``: Claude Code retries that for minutes, whatever
    ``x-should-retry`` says.
    """

    status = 503


class Closed(RolegraphError):
    """No call was made: the candidate is ejected, or all of its keys rest."""

    status = 503


# A refused key stays refused until somebody acts, and then the edited file brings
# a new one; five minutes bound the damage where the provider erred.
_KEY_SECONDS: Final = 300.0
# One request in a while finds out that the provider has the model by now.
_MODEL_SECONDS: Final = 60.0

MATRIX: Final[Mapping[type[RolegraphError], Rule]] = MappingProxyType(
    {
        #                   client, next,      against,    rests,       for seconds
        BadRequest: Rule(400, "candidate", "nobody"),  # this dialect can't express it
        FileMissing: Rule(404, "candidate", "nobody"),  # only who keeps files itself may know it
        ConnectFailed: Rule(503, "candidate", "haystack"),
        UpstreamTimeout: Rule(504, "candidate", "model"),
        Outpaced: Rule(504, "candidate", "nobody"),
        BadAnswer: Rule(502, "candidate", "model"),
        StreamBroken: Rule(502, "candidate", "model"),
        Overloaded: Rule(0, "candidate", "model"),
        Conflict: Rule(503, "candidate", "nobody"),
        RateLimited: Rule(429, "key", "nobody", "key+model"),
        OurKeyRefused: Rule(502, "key", "nobody", "key", _KEY_SECONDS),
        Forbidden: Rule(502, "key", "nobody", "key+model", _KEY_SECONDS),
        ModelMissing: Rule(404, "candidate", "nobody", "model", _MODEL_SECONDS),
        Unfit: Rule(400, "candidate", "nobody"),
        TooLong: Rule(0, "window", "nobody"),
        Refused: Rule(0, "nothing", "nobody"),
    }
)


def rule_of(error: RolegraphError) -> Rule:
    """Return the line of the matrix; of an error of ours that is none, one that ends the walk."""
    return MATRIX.get(type(error)) or Rule(error.status, "nothing", "nobody")
