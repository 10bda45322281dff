"""How an error is told: the status, the headers, and the caller's own envelope."""

from __future__ import annotations

import orjson

from haystacks.dialect import ClientDialect
from haystacks.errors import RolegraphError, UpstreamStatus
from server.exchange import RawHeaders, encode_headers
from server.record import Record


class InternalError(RolegraphError):
    """A fault of ours; the log holds the trace, the client the request's id."""


def error_answer(
    error: RolegraphError, dialect: ClientDialect, record: Record
) -> tuple[int, RawHeaders, bytes]:
    """Return status, headers and body of an error in the client's dialect.

    An upstream's own answer passes word for word where both sides speak the
    same dialect: clients mend themselves by reading it.
    """
    headers = [("content-type", "application/json"), *record.headers()]
    if error.final:
        headers.append(("x-should-retry", "false"))
    return error.status, encode_headers(headers), error_body(error, dialect, record.request_id)


def error_body(error: RolegraphError, dialect: ClientDialect, request_id: str) -> bytes:
    """Return the envelope of an error, or the upstream's own where it passes word for word."""
    if isinstance(error, UpstreamStatus) and error.body:
        return error.body
    return orjson.dumps(dialect.encode_error(error.status, error.kind, error.message, request_id))


def problem_body(status: int, title: str, detail: str) -> bytes:
    """Return an error of the management API as RFC 9457 has it."""
    return orjson.dumps({"type": "about:blank", "title": title, "status": status, "detail": detail})
