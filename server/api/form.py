"""A JSON body of the management API, read whatever content type it comes under."""

from __future__ import annotations

from typing import TypeVar

import orjson
from fastapi import Request
from pydantic import BaseModel, ValidationError

from haystacks.errors import BadRequest
from server.exchange import read_body
from server.gateway import Gateway

Form = TypeVar("Form", bound=BaseModel)


async def read_form(request: Request, form: type[Form]) -> tuple[Form, bytes]:
    """Return the body as its form has it, and as it came. Raises ``BadRequest``.

    ``curl -d`` alone names another content type: that is no reason to refuse.
    """
    gateway: Gateway = request.app.state.gateway
    raw = await read_body(request.receive, request.headers, gateway.settings.max_body)
    try:
        return form.model_validate(orjson.loads(raw)), raw
    except orjson.JSONDecodeError as error:
        raise BadRequest(f"the body is not JSON: {error}") from error
    except ValidationError as error:
        wrong = (
            f"{'.'.join(map(str, each['loc'])) or 'the body'}: {each['msg']}"
            for each in error.errors()
        )
        raise BadRequest("; ".join(wrong)) from error


def described(form: type[BaseModel]) -> dict[str, object]:
    """Return what OpenAPI is told of the body."""
    return {"requestBody": {"content": {"application/json": {"schema": form.model_json_schema()}}}}
