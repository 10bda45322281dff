"""Which role a request gets, from all the places where it may be named."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress

from roles.facts import Facts
from roles.resolve import AUTO, resolve_role, role_of_model
from roles.role import Role
from roles.view import View
from server.keys import ClientKey
from server.settings import Settings
from server.snapshot import Snapshot

# The shipped default; a home without it serves its first role by name.
DEFAULT = "intelligent"


def role_of(
    snapshot: Snapshot,
    settings: Settings,
    facts: Facts,
    *,
    headers: Mapping[str, str],
    path_role: str = "",
    key: ClientKey | None = None,
) -> View:
    """Return the role by header, path, model, key, selection or default, the first that is given.

    Raises ``NotFound`` for a name that no role has.
    """
    view, _ = role_found(snapshot, settings, facts, headers=headers, path_role=path_role, key=key)
    return view


def role_found(
    snapshot: Snapshot,
    settings: Settings,
    facts: Facts,
    *,
    headers: Mapping[str, str],
    path_role: str,
    key: ClientKey | None,
) -> tuple[View, bool]:
    """Return the role, and whether it was left to the text which one."""
    name = (
        role_of_header(headers)
        or path_role.strip()
        or role_of_model(facts.model)
        or (key.role.strip() if key else "")
        or selected_role(snapshot, settings)
        or default_role(snapshot)
    )
    if role := snapshot.roles.get(name.lower()):  # so it mostly is
        return snapshot.views[role.name], False

    def matches(role: Role) -> int:
        return len(snapshot.views[role.name].rolegraph.hits(facts.text))

    selected = selected_role(snapshot, settings)
    role = resolve_role((name,), snapshot.roles, selected=selected, matches=matches)
    return snapshot.views[role.name], name.lower() == AUTO


def role_of_header(headers: Mapping[str, str]) -> str:
    """Return the role that the headers name, or nothing; lower-case header names.

    HTTP reads a header as latin-1, and who writes more than that writes UTF-8.
    """
    header = headers.get("x-rolegraph-role") or headers.get("x-terraphim-role", "")
    if not header.isascii():
        with suppress(UnicodeError):
            header = header.encode("latin-1").decode()
    return header.strip()


def selected_role(snapshot: Snapshot, settings: Settings) -> str:
    """Return the role that the settings, or else a Terraphim configuration, select."""
    if settings.role:
        return settings.role
    return next((view.role.name for view in snapshot.views.values() if view.role.selected), "")


def default_role(snapshot: Snapshot) -> str:
    """Return the role of a request that nothing else decides."""
    if DEFAULT in snapshot.roles:
        return DEFAULT
    return min((name.lower() for name in snapshot.views), default="")
