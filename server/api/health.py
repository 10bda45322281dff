"""Health: whether the process lives, serves, and with what."""

from __future__ import annotations

import time
from typing import Any

from fastapi import APIRouter, Request, Response

from server.gateway import Gateway

router = APIRouter(tags=["health"])
_STARTED = time.monotonic()


def _gateway(request: Request) -> Gateway:
    gateway: Gateway = request.app.state.gateway
    return gateway


def _trouble(gateway: Gateway) -> str:
    """Return why the database can't be used now; one that is full can still be read."""
    return gateway.usage.away or gateway.database.trouble()


@router.head("/health", include_in_schema=False)
@router.get("/health")
@router.head("/live", include_in_schema=False)
@router.get("/live")
async def live() -> dict[str, str]:
    """Tell that the process answers."""
    return {"status": "ok"}


@router.head("/ready", include_in_schema=False)
@router.get("/ready")
async def ready(request: Request, response: Response) -> dict[str, Any]:
    """Tell whether requests are served: 503 while the server drains or has no active haystack."""
    gateway = _gateway(request)
    if not any(not haystack.inactive for haystack in gateway.snapshot.haystacks.values()):
        response.status_code = 503
        return {"status": "no active haystack"}
    told = {"status": "ready", "generation": gateway.snapshot.generation}
    if _trouble(gateway):
        # Requests are served: nobody should be sent elsewhere for it. What the trouble
        # is may name hosts and paths, and is for those with a key: /health/detailed.
        told |= {"status": "degraded", "reason": "the database can't be used now"}
    return told


@router.get("/health/detailed")
async def detailed(request: Request) -> dict[str, Any]:
    """Tell what is served and how it does: roles, haystacks and their health, problems."""
    gateway = _gateway(request)
    gateway.admit(request.headers)
    snapshot = gateway.snapshot
    healths = gateway.health.describe(snapshot.haystacks.values())
    return {
        "status": "ok",
        "uptime_seconds": round(time.monotonic() - _STARTED, 1),
        "generation": snapshot.generation,
        "in_flight": gateway.in_flight,
        "shared_state": gateway.shared.trouble() or "ok",
        "roles": sorted(snapshot.roles),
        "haystacks": {
            name: {
                "active": not haystack.inactive,
                "reason": haystack.inactive or None,
                "service": haystack.service,
                "dialect": haystack.dialect,
                "simulated": haystack.simulated is not None,
                "models": len(haystack.models),
                "health": healths[name],
            }
            for name, haystack in snapshot.haystacks.items()
        },
        "storage": {
            "database": gateway.database.dialect,
            "trouble": _trouble(gateway) or None,
            "usage": {
                "written": gateway.usage.written,
                "waiting": gateway.usage.waiting,
                "dropped": gateway.usage.dropped,
            },
        },
        "reload": gateway.reload.as_dict(),
    }
