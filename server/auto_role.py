"""The role that ``auto`` has found for a turn: it holds until the turn ends, whatever is edited."""

from __future__ import annotations

from typing import Final

import orjson

from haystacks.shared import Kind, Shared
from roles.facts import Facts
from roles.identity import is_fingerprint
from roles.session import storage_key
from roles.view import View
from server.keys import ClientKey
from server.snapshot import Snapshot

# The turn of a conversation, and the role that was found for it.
Found = tuple[str, str]


def _decode(encoded: bytes) -> Found:
    turn, role = orjson.loads(encoded)
    return turn, role


AUTO_ROLES: Final[Kind[Found]] = Kind("auto", 7200, orjson.dumps, _decode)


async def settled(
    shared: Shared,
    snapshot: Snapshot,
    view: View,
    facts: Facts,
    client: ClientKey | None,
    *,
    remember: bool,
) -> View:
    """Return the view of the turn's role: that of its beginning, or else the one just found.

    Without ``remember`` nothing is kept.
    """
    conversation = f"{len(facts.session)}:{facts.session}{facts.conversation}"
    key = storage_key("auto", client.name if client else "", conversation)
    new = (facts.turn, view.role.name)

    def settle(known: Found | None) -> Found:
        return known if known and _goes_on(known, facts, snapshot) else new

    if remember:
        found = await shared.change(AUTO_ROLES, key, settle)
    else:
        known = await shared.read(AUTO_ROLES, key)
        found = settle(known)
    return snapshot.views[found[1]] if found else view


def _goes_on(known: Found, facts: Facts, snapshot: Snapshot) -> bool:
    turn, role = known
    same = facts.continues_turn or (turn == facts.turn and not is_fingerprint(turn))
    return same and role in snapshot.views
