"""Which role a request gets."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from haystacks.errors import NotFound
from roles.role import Role

AUTO = "auto"
_MODEL_PREFIXES = ("role:", "anthropic/role:")


def by_name(roles: Iterable[Role]) -> dict[str, Role]:
    """Return the roles by lower-cased name and shortname; of two with one name, the first."""
    index: dict[str, Role] = {}
    for role in roles:
        for name in role.names:
            index.setdefault(name.lower(), role)
    return index


def role_of_model(model: str) -> str:
    """Return the role that a model name such as ``role:fast`` asks for, or ``""``."""
    for prefix in _MODEL_PREFIXES:
        if model[: len(prefix)].lower() == prefix:
            return model[len(prefix) :].strip()
    return ""


def resolve_role(
    asked: Iterable[str],
    roles: Mapping[str, Role],
    *,
    selected: str,
    matches: Callable[[Role], int],
) -> Role:
    """Return the role of the first name asked for that is not empty.

    ``asked`` holds names from the strongest to the weakest: header, path, model,
    API key, selected role, default role. ``auto`` is the role that ``matches``
    most distinct concepts; of equals the ``selected`` one, then the first by
    name. Raises ``NotFound`` for an unknown name, and where no name is given.
    """
    name = next((each.strip() for each in asked if each.strip()), "")
    if role := roles.get(name.lower()):
        return role
    every = sorted({role.name: role for role in roles.values()}.values(), key=_alphabetical)
    if name.lower() == AUTO and every:
        chosen = roles.get(selected.lower())
        return max(every, key=lambda role: (matches(role), role is chosen))
    names = ", ".join(role.name for role in every)
    raise NotFound(f'unknown role "{name}"; the roles are: {names}')


def _alphabetical(role: Role) -> str:
    return role.name.lower()
