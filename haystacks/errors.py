"""The errors of the way out and back: one tree, and the only place that decides.

Each leaf says three things: the HTTP status that a client sees, whether the
next candidate may be tried, and whether the failure counts against the health
of the haystack. Nothing else in the code decides those three.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import ClassVar

_NO_HEADERS: Mapping[str, str] = MappingProxyType({})


class RolegraphError(Exception):
    """Any failure that a client is told about.

    ``kind`` is Anthropic's error type; the other dialects derive theirs.
    ``headers`` are those of the upstream answer that the client should see
    (``retry-after``, rate limits). ``tried`` names the failed attempts.
    ``final`` tells the client not to try again: several candidates were tried.
    """

    status: int = 500
    kind: str = "api_error"
    failover: ClassVar[bool] = False
    unhealthy: ClassVar[bool] = False

    def __init__(self, message: str, *, headers: Mapping[str, str] = _NO_HEADERS) -> None:
        super().__init__(message)
        self.message = message
        self.headers = headers
        self.tried: tuple[str, ...] = ()
        self.final = False


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


class TooLarge(RolegraphError):
    """The body is larger than this server accepts."""

    status = 413
    kind = "request_too_large"


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

    def __init__(self, message: str, *, headers: Mapping[str, str] = _NO_HEADERS) -> None:
        super().__init__(message, headers=headers)
        self.final = True


# -- What the upstream did


class UpstreamError(RolegraphError):
    """An attempt failed."""

    status = 502
    failover = True
    unhealthy = True


class ConnectFailed(UpstreamError):
    """No connection: refused, reset, unresolved, or no TLS."""

    status = 503
    kind = "overloaded_error"


class UpstreamTimeout(UpstreamError):
    """The upstream said nothing for longer than its haystack allows."""

    status = 504
    kind = "timeout_error"


class BadAnswer(UpstreamError):
    """The upstream answered with something that is no answer: HTML, cut JSON, nothing."""


class StreamBroken(UpstreamError):
    """The stream ended before it was complete."""


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
        self.body = b""
        if kind:
            self.kind = kind


class Overloaded(UpstreamStatus):
    """5xx: the provider is in trouble, and its own status says how."""

    kind = "overloaded_error"

    def __init__(
        self,
        message: str,
        *,
        upstream_status: int,
        kind: str = "",
        headers: Mapping[str, str] = _NO_HEADERS,
    ) -> None:
        super().__init__(message, upstream_status=upstream_status, kind=kind, headers=headers)
        if 500 <= upstream_status < 600:
            self.status = upstream_status


class RateLimited(UpstreamStatus):
    """429: this key has used up its share; ``retry-after`` is passed on."""

    status = 429
    kind = "rate_limit_error"
    unhealthy = False


class OurKeyRefused(UpstreamStatus):
    """401, 402 or 403: the haystack's own key is at fault, never the client's."""

    status = 502
    kind = "api_error"


class ModelMissing(UpstreamStatus):
    """404: the haystack has no such model."""

    status = 404
    kind = "not_found_error"
    unhealthy = False


class Conflict(UpstreamStatus):
    """408 and 409: the upstream asks to try again."""

    status = 503
    kind = "overloaded_error"
    unhealthy = False


class Refused(UpstreamStatus):
    """Any other 4xx: the request's own fault, passed on word for word.

    It never fails over: clients mend themselves by reading the message.
    """

    status = 400
    kind = "invalid_request_error"
    failover = False
    unhealthy = False

    def __init__(
        self,
        message: str,
        *,
        upstream_status: int,
        kind: str = "",
        headers: Mapping[str, str] = _NO_HEADERS,
    ) -> None:
        super().__init__(message, upstream_status=upstream_status, kind=kind, headers=headers)
        self.status = upstream_status


class Exhausted(RolegraphError):
    """Every candidate failed; the message names what each one said.

    Not ``overloaded_error``: Claude Code retries that for minutes, whatever
    ``x-should-retry`` says.
    """

    status = 503
