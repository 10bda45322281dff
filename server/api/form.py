"""A JSON body of the management API, read whatever content type it comes under."""

from __future__ import annotations

from typing import Final, TypeVar

import orjson
from fastapi import Request
from pydantic import BaseModel, ValidationError

from haystacks.errors import BadRequest
from server.exchange import read_body
from server.gateway import Gateway

Form = TypeVar("Form", bound=BaseModel)


# What is wrong in more places is told by their number: telling each takes seconds.
_MOST_TOLD: Final = 10


async def read_form(
    request: Request, form: type[Form], limit: int | None = None
) -> tuple[Form, bytes]:
    """Return the body as its form has it, and as it came. Raises ``BadRequest``, ``TooLarge``.

    ``curl -d`` alone names another content type: that is no reason to refuse.
    """
    gateway: Gateway = request.app.state.gateway
    limit = limit or gateway.settings.max_body
    raw = await read_body(request.receive, request.headers, limit)
    try:
        return form.model_validate(orjson.loads(raw)), raw
    except orjson.JSONDecodeError as error:
        raise BadRequest(f"the body is not JSON: {error}") from error
    except ValidationError as error:
        raise BadRequest(amiss(error)) from error


def amiss(error: ValidationError) -> str:
    """Return what is wrong with a body, and where."""
    count = error.error_count()
    if count > _MOST_TOLD:
        return f"the body is wrong in {count:,} places"
    return "; ".join(
        f"{'.'.join(map(str, each['loc'])) or 'the body'}: {each['msg']}" for each in error.errors()
    )


def described(form: type[BaseModel]) -> dict[str, object]:
    """Return what OpenAPI is told of the body."""
    return {"requestBody": {"content": {"application/json": {"schema": form.model_json_schema()}}}}
