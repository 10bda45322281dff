"""The shipped home, with a price on everything."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from roles.view import view_of
from server.home import shipped
from server.snapshot import Snapshot, build

# What costs nothing wins every comparison of prices, and says nothing about one.
_FREE: Final = {"ollama": ("*",), "openrouter": ("*:free",)}


def snapshot(*, free: bool = False) -> Snapshot:
    """Return the shipped roles, concepts and haystacks, all providers with a key.

    Models that are free are struck out of every role, unless they are asked for.
    """
    built, problems = build(shipped(), {}, simulate=True)
    if built is None:
        raise RuntimeError("\n".join(map(str, problems)))
    if free:
        return built
    views = {}
    for name, view in built.views.items():
        own = view.role.model_exclusions
        struck = {
            haystack: (*own.get(haystack, ()), *_FREE.get(haystack, ()))
            for haystack in {*own, *_FREE}
        }
        role = replace(view.role, model_exclusions=struck)
        views[name] = view_of(role, built.haystacks, view.rolegraph, generation=built.generation)
    roles = {name: views[role.name].role for name, role in built.roles.items()}
    return replace(built, roles=roles, views=views)
