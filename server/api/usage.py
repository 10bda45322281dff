"""What was used and how it was decided: sums, single requests, and files of both."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Query, Request, Response

from haystacks.errors import BadRequest, NotFound
from server.gateway import Gateway
from server.keys import ClientKey
from server.usage import decisions, report
from server.usage.date import shown, span_of
from server.usage.export import Format, to_csv, to_jsonl

router = APIRouter(prefix="/api", tags=["usage"])

_SINCE = "30d"

_Format = Annotated[Format, Query(alias="format")]


@router.get("/usage")
async def usage(
    request: Request,
    since: Annotated[str, Query(alias="from", description="A date, or a span like 7d.")] = _SINCE,
    until: Annotated[str, Query(alias="to", description="Left out: now.")] = "",
    group: Annotated[
        list[str] | None, Query(description=f"Any of {', '.join(report.GROUPS)}; role if left out.")
    ] = None,
    form: _Format = "json",
) -> Response:
    """Sum up what was used; who shows a key sees its own."""
    gateway, client = await _ready(request)
    now = gateway.clock()
    try:
        groups = report.groups_of(",".join(group or ["role"]))
        begin, end = span_of(since, until, now)
    except ValueError as error:
        raise BadRequest(str(error)) from error
    key = client.name if client else None
    found = await report.sums(gateway.database, groups, since=begin, until=end, key=key)
    rows = [each.as_dict(groups) for each in found]
    told = {
        "from": shown(begin),
        "to": shown(end),
        "group": groups,
        "rows": rows,
        "total": report.total(found).as_dict(()),
    }
    return _written(told, rows, report.columns(groups), form)


@router.get("/decisions")
async def list_decisions(
    request: Request,
    limit: Annotated[int, Query(ge=1, le=1000)] = 50,
    before: Annotated[str, Query(description="The id that the page before ended with.")] = "",
    role: str = "",
    key: str = "",
    session: str = "",
    outcome: str = "",
    form: _Format = "json",
) -> Response:
    """List requests as they were decided, the newest first; who shows a key sees its own."""
    gateway, client = await _ready(request)
    asked = {"role": role, "key": key, "session": session, "outcome": outcome}
    only = {name: value for name, value in asked.items() if value}
    if client:
        only["key"] = client.name
    # One more than is shown tells whether there are more.
    rows = await decisions.page(gateway.database, limit=limit + 1, before=before, only=only)
    more = len(rows) > limit
    rows = rows[:limit]
    told = {"decisions": rows, "next": rows[-1]["id"] if more else None}
    return _written(told, rows, decisions.COLUMNS, form)


@router.get("/decisions/{name}")
async def get_decision(request: Request, name: str) -> dict[str, Any]:
    """Show one request with the trace of its decision."""
    gateway, client = await _ready(request)
    found = await decisions.decision(gateway.database, name)
    if found is None or (client and found["key"] != client.name):
        raise NotFound(f'no decision "{name}" is recorded')
    return found


async def _ready(request: Request) -> tuple[Gateway, ClientKey | None]:
    """Return who asks whom, once all that has ended is in the database."""
    gateway: Gateway = request.app.state.gateway
    client = gateway.admit(request.headers)
    gateway.ledger.flush()
    await gateway.usage.write()
    return gateway, client


def _written(
    told: Mapping[str, Any],
    rows: Sequence[Mapping[str, Any]],
    columns: Sequence[str],
    form: Format,
) -> Response:
    if form == "csv":
        return Response(to_csv(rows, columns), media_type="text/csv")
    if form == "jsonl":
        return Response(to_jsonl(rows), media_type="application/jsonl")
    return Response(orjson.dumps(told), media_type="application/json")
