"""The health of one haystack as a person reads it; no key is in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from haystacks.health.breaker import Breaker
from haystacks.health.keyring import Place, Rest, mark
from haystacks.health.performance import Performance
from haystacks.pool import Haystack


def report(
    haystack: Haystack,
    breakers: Mapping[tuple[str, str], Breaker],
    performances: Mapping[tuple[str, str], Performance],
    rests: Mapping[Place, Rest],
    now: float,
) -> dict[str, Any]:
    """Return the state of the connection, of each model that was asked, and of each key.

    A state is ``ok``, or ``ejected``, ``trial`` (the next call decides), ``resting`` or
    ``refused`` (a person has to mend it), with a reason and the seconds that are left.
    """
    name = haystack.name
    models = [model for at, model in performances if at == name]
    return {
        **_of_breaker(breakers.get((name, "")), now),
        "models": {
            model: {
                **(
                    _of_rest(rests.get((name, "", model)), now)
                    or _of_breaker(breakers.get((name, model)), now)
                ),
                "measures": _measures(performances[name, model], now),
            }
            for model in models
        },
        "keys": [
            {"key": index, **_of_key(name, mark(key), rests, now)}
            for index, key in enumerate(haystack.keys)
        ],
    }


def _of_breaker(breaker: Breaker | None, now: float) -> dict[str, Any]:
    if breaker is None or not breaker.ejected:
        return {"state": "ok"}
    left = max(0.0, breaker.until - now)
    state = "ejected" if left else "trial"
    return {"state": state, "reason": breaker.reason, "seconds": round(left, 1)}


def _of_rest(rest: Rest | None, now: float) -> dict[str, Any]:
    if rest is None or rest.until <= now:
        return {}
    return {
        "state": "refused" if rest.fault else "resting",
        "reason": rest.reason,
        "seconds": round(rest.until - now, 1),
    }


def _of_key(name: str, key: str, rests: Mapping[Place, Rest], now: float) -> dict[str, Any]:
    shown = _of_rest(rests.get((name, key, "")), now) or {"state": "ok"}
    models = {
        model: told
        for (at, of_key, model), rest in rests.items()
        if (at, of_key) == (name, key) and model and (told := _of_rest(rest, now))
    }
    return {**shown, "models": models} if models else shown


def _measures(performance: Performance, now: float) -> dict[str, float] | None:
    measures = performance.measures(now)
    return {k: round(v, 3) for k, v in asdict(measures).items()} if measures else None
