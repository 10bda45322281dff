"""Errors of the slow endpoints, each in the shape that its caller reads."""

from __future__ import annotations

from http import HTTPStatus
from typing import Final

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.routing import Match

from haystacks.dialects.table import DIALECTS
from haystacks.errors import BadRequest, NotFound, RolegraphError
from server.departure import ClientLeft
from server.failure import InternalError, error_answer, problem_body
from server.record import Record
from server.vendor import READ_AS, vendor_of

_METHODS: Final = ("DELETE", "GET", "HEAD", "PATCH", "POST", "PUT")


class WrongMethod(RolegraphError):
    """The path exists, but not with this method."""

    status = 405
    kind = "invalid_request_error"


def install_error_handlers(app: FastAPI) -> None:
    """Answer every error: RFC 9457 under ``/api``, else as the client's dialect has it."""

    @app.exception_handler(RolegraphError)
    async def _ours(request: Request, error: RolegraphError) -> Response:
        return _answer(request, error)

    @app.exception_handler(HTTPException)
    async def _framework(request: Request, error: HTTPException) -> Response:
        path = request.url.path
        if error.status_code == 405:
            message = f"{request.method} is not allowed for {path}"
            return _answer(request, WrongMethod(message, headers={"allow": _allowed(request)}))
        return _answer(request, NotFound(f"nothing is served at {path}"))

    @app.exception_handler(RequestValidationError)
    async def _invalid(request: Request, error: RequestValidationError) -> Response:
        details = "; ".join(
            f"{'.'.join(map(str, item['loc']))}: {item['msg']}" for item in error.errors()
        )
        return _answer(request, BadRequest(details))

    @app.exception_handler(ClientLeft)
    async def _left(request: Request, error: ClientLeft) -> Response:
        del request, error
        return Response(status_code=499)  # nobody reads it

    @app.exception_handler(Exception)
    async def _fault(request: Request, error: Exception) -> Response:
        # The framework raises the error again for the log, once this answer is out.
        del error
        return _answer(request, InternalError("internal error"))


def _allowed(request: Request) -> str:
    """Return all methods of a path; the framework tells those of its first route."""
    # A route of any method is no endpoint of ours: it passes to a provider what we don't serve.
    ours = [r for r in request.app.router.routes if getattr(r, "methods", ()) is not None]
    scopes = [{**request.scope, "method": method} for method in _METHODS]
    return ", ".join(
        scope["method"]
        for scope in scopes
        if any(route.matches(scope)[0] is Match.FULL for route in ours)
    )


def _answer(request: Request, error: RolegraphError) -> Response:
    if request.url.path.startswith("/api/"):
        return Response(
            problem_body(error.status, HTTPStatus(error.status).phrase, error.message),
            status_code=error.status,
            headers=dict(error.headers),
            media_type="application/problem+json",
        )
    dialect = DIALECTS[READ_AS[vendor_of(request.url.path, request.headers)]]
    status, headers, body = error_answer(error, dialect, Record("other", error=error))
    response = Response(body, status_code=status)
    response.raw_headers.extend(headers)
    return response
