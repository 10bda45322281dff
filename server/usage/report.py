"""What was used, summed up by whatever one wants to know it by."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, Literal, get_args

from sqlalchemy import ColumnElement, Integer, Label, Select, case, cast, func, select

from haystacks.money import exact
from server.storage.database import Database
from server.storage.tables import requests

Group = Literal["role", "model", "haystack", "concept", "key", "day"]

GROUPS: Final[tuple[Group, ...]] = get_args(Group)

_DAY_SECONDS: Final = 86_400
_TOKENS: Final = ("input", "output", "cache_read", "cache_write", "reasoning")


@dataclass(frozen=True, slots=True)
class Sum:
    """What the requests of one group used; ``group`` has a name for each that was asked for.

    ``failed`` are those that were not answered whole. ``tokens`` are input, output, read
    from a cache, written to one, and those of the output that were thought.
    """

    group: tuple[str, ...]
    requests: int
    failed: int
    tokens: tuple[int, ...]
    nano_usd: int

    def as_dict(self, groups: Sequence[Group]) -> dict[str, Any]:
        """Return the JSON form, which is also a line of an export."""
        return {
            **dict(zip(groups, self.group, strict=True)),
            "requests": self.requests,
            "failed": self.failed,
            **dict(zip(_TOKENS, self.tokens, strict=True)),
            "usd": exact(self.nano_usd),
        }


def groups_of(named: str) -> list[Group]:
    """Return the groups of a comma-separated list. Raises ``ValueError``."""
    words = [word.strip() for word in named.split(",")]
    groups = [group for word in words for group in GROUPS if group == word]
    if len(set(groups)) < len(words):
        raise ValueError(f'"{named}": any of {", ".join(GROUPS)}, each once')
    return groups


async def sums(
    database: Database,
    groups: Sequence[Group],
    *,
    since: float,
    until: float,
    key: str | None = None,
) -> list[Sum]:
    """Return a sum for each group between two moments, the dearest first, and days in order.

    ``key`` leaves only the requests of one. Raises ``StorageGone``.
    """
    named = [_column(group).label(f"group_{group}") for group in groups]
    asked = _select(named).where(requests.c.at >= since, requests.c.at < until)
    if key is not None:
        asked = asked.where(requests.c.key == key)
    async with database.reading() as connection:
        rows = (await connection.execute(asked)).all()
    count = len(groups)
    found = [
        Sum(
            tuple(_name(group, each) for group, each in zip(groups, row[:count], strict=True)),
            row[count],
            int(row[count + 1]),
            tuple(map(int, row[count + 2 : -1])),
            int(row[-1]),
        )
        for row in rows
    ]
    found.sort(key=lambda each: (-each.nano_usd, each.group))
    if "day" in groups:
        place = groups.index("day")
        found.sort(key=lambda each: each.group[place])
    return found


def columns(groups: Sequence[Group]) -> list[str]:
    """Return the names in each sum's JSON form."""
    return [*groups, *total(()).as_dict(())]


def total(parts: Sequence[Sum]) -> Sum:
    """Return the sum of sums."""
    return Sum(
        (),
        sum(part.requests for part in parts),
        sum(part.failed for part in parts),
        tuple(sum(part.tokens[place] for part in parts) for place in range(len(_TOKENS))),
        sum(part.nano_usd for part in parts),
    )


def _select(named: Sequence[Label[Any]]) -> Select[Any]:
    columns = [requests.c[name] for name in (*_TOKENS, "nano_usd")]
    return select(
        *named,
        func.count(),
        func.coalesce(func.sum(case((requests.c.outcome == "ok", 0), else_=1)), 0),
        *(func.coalesce(func.sum(column), 0) for column in columns),
    ).group_by(*named)


def _column(group: Group) -> ColumnElement[Any]:
    if group == "day":
        return cast(func.floor(requests.c.at / _DAY_SECONDS), Integer)
    return requests.c[group]


def _name(group: Group, found: Any) -> str:
    if group == "day":
        return datetime.fromtimestamp(found * _DAY_SECONDS, UTC).date().isoformat()
    return str(found)
