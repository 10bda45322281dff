"""Everything compiled from a home: immutable, with a number, swapped as a whole."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import haystacks.folder
import kg.folder
import roles.folder
from haystacks.dialects.table import DIALECTS
from haystacks.folder import Haystacks
from haystacks.pool import Haystack, Simulation
from haystacks.presets import PRESETS
from kg.codes import problem
from kg.concept import Concept
from kg.folder import Source, source_name
from kg.problem import Problem, has_errors
from rolegraph.rolegraph import Rolegraph, compile_rolegraph
from rolegraph.trigger import TriggerIndex
from roles.check import check
from roles.folder import RoleFolder
from roles.resolve import by_name
from roles.role import Boundary, Role
from roles.view import View, view_of
from server import custom_router
from server.custom_router import Router
from server.keys import ClientKey, read_keys, without_role
from server.settings import code_allowed

# What a rolegraph is compiled from: roles that agree on these share one.
GraphKey = tuple[tuple[str, ...], Boundary]
Graphs = Mapping[GraphKey, Rolegraph]

# As quick as a person can follow, and quick enough for an agent.
DEMO = Simulation(first_byte=0.05, per_event=0.01)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One state of a home. ``roles`` finds a role by lower-cased name or shortname.

    ``views`` are by the role's name; ``router`` is the home's own, if it has one;
    ``outside`` are the folders beyond the home that it reads too.
    """

    generation: int
    home: Path
    simulate: bool
    haystacks: Mapping[str, Haystack]
    roles: Mapping[str, Role]
    views: Mapping[str, View]
    keys: tuple[ClientKey, ...]
    router: Router | None
    problems: tuple[Problem, ...]
    outside: tuple[Path, ...]
    sources: Mapping[str, Source] = field(repr=False)
    haystack_files: Haystacks = field(repr=False)
    role_files: RoleFolder = field(repr=False)
    graphs: Graphs = field(repr=False)

    @property
    def concepts(self) -> list[Concept]:
        """Every concept of the home, in the order of the files."""
        return [concept for source in self.sources.values() for concept in source.concepts]

    @property
    def can_merge(self) -> bool:
        """Whether some automaton has edits beside it: each slows matching a little."""
        return any(graph.overlay_size for graph in self.graphs.values())


def build(
    home: Path,
    environ: Mapping[str, str],
    *,
    previous: Snapshot | None = None,
    changed: Collection[Path] | None = None,
    simulate: bool = False,
) -> tuple[Snapshot | None, tuple[Problem, ...]]:
    """Return the home's next snapshot and its problems; no snapshot if one is an error.

    What ``previous`` holds and no file has changed is taken over. ``changed``
    names the only concept files that need to be looked at; without it, and
    where a folder outside has come or gone, all are.
    """
    simulate = previous.simulate if previous else simulate
    haystack_files = haystacks.folder.load(
        home,
        environ,
        previous.haystack_files if previous else None,
        allow_code=code_allowed(environ),
    )
    pools = _simulated(haystack_files.by_name) if simulate else haystack_files.by_name
    role_files = roles.folder.load(home, previous.role_files if previous else None)
    outside = _outside(home, haystack_files, role_files)
    if previous is None or previous.outside != outside:
        changed = None
    sources = kg.folder.load(
        home,
        ("", *map(str, outside)),
        previous.sources if previous else {},
        None if changed is None else [path.as_posix() for path in changed],
    )
    keys, key_problems = read_keys(home)
    router, router_problems = custom_router.load(
        home, previous.router if previous else None, allowed=code_allowed(environ)
    )
    concepts = [concept for source in sources.values() for concept in source.concepts]
    problems = (
        *(each for source in sources.values() for each in source.problems),
        *haystack_files.problems,
        *role_files.problems,
        *key_problems,
        *router_problems,
    )
    if not has_errors((*haystack_files.problems, *role_files.problems)):
        # Names lead nowhere where the file that has them can't be read: that is told once.
        problems += check(role_files.roles, pools, concepts, haystack_files.own.kinds)
        problems += tuple(without_role(keys, by_name(role_files.roles)))
    if not role_files.files:
        hint = f"copy those that are shipped: rolegraph init {home}"
        problems += (problem("RG301", "roles", 1, 1, "the home has no role", hint),)
    if has_errors(problems):
        return None, problems
    generation = previous.generation + 1 if previous else 1
    graphs = _graphs(home, role_files.roles, haystack_files, sources, previous)
    index = by_name(role_files.roles)
    return (
        Snapshot(
            generation=generation,
            home=home,
            simulate=simulate,
            haystacks=pools,
            roles=index,
            views={
                role.name: _view(role, pools, graphs[_key(home, role, haystack_files)], generation)
                for role in role_files.roles
            },
            keys=keys,
            router=router,
            problems=problems,
            outside=outside,
            sources=sources,
            haystack_files=haystack_files,
            role_files=role_files,
            graphs=graphs,
        ),
        problems,
    )


def merged(snapshot: Snapshot) -> Snapshot:
    """Return the same snapshot with each automaton in one piece; holds the interpreter."""
    graphs = {
        key: graph.merged() if graph.overlay_size else graph
        for key, graph in snapshot.graphs.items()
    }
    views = {
        name: replace(view, rolegraph=graphs[key])
        for name, view in snapshot.views.items()
        for key in [_key(snapshot.home, view.role, snapshot.haystack_files)]
    }
    return replace(snapshot, graphs=graphs, views=views)


def _simulated(pools: Mapping[str, Haystack]) -> dict[str, Haystack]:
    """Return the haystacks with this process in every provider's place.

    It answers only in a dialect that clients speak too.
    """
    return {
        name: replace(
            pool,
            dialect=pool.dialect if pool.dialect in DIALECTS else "openai_chat",
            simulated=pool.simulated or DEMO,
            passthrough=False,
            inactive="",
        )
        if pool.service in PRESETS
        else pool
        for name, pool in pools.items()
    }


def _outside(home: Path, pools: Haystacks, files: RoleFolder) -> tuple[Path, ...]:
    """Return the folders of concepts that lie elsewhere than below ``kg/``."""
    named = {folder for role in files.roles for folder in role.kg}
    each = {*named, *(source_name(home, folder) for folder in pools.knowledge)}
    return tuple(home / name for name in sorted(each) if name != "kg" and name[:3] != "kg/")


def _key(home: Path, role: Role, pools: Haystacks) -> GraphKey:
    """Return what the role's rolegraph is compiled from.

    A haystack of Terraphim's that searches a folder brings that folder along.
    """
    searched = [
        pools.by_name[name].location
        for name in role.haystacks
        if name in pools.by_name and pools.by_name[name].service == "ripgrep"
    ]
    return (
        *role.kg,
        *(source_name(home, folder) for folder in searched if folder),
    ), role.boundary


def _graphs(
    home: Path,
    every: Collection[Role],
    pools: Haystacks,
    sources: Mapping[str, Source],
    previous: Snapshot | None,
) -> Graphs:
    """Compile each graph, or edit the one there was: that costs what was edited alone."""
    before = previous.sources if previous else {}
    gone = [before[path] for path in before.keys() - sources.keys()]
    come: list[Source] = []
    for path, source in sources.items():
        old = before.get(path)
        if old is source:
            continue
        if old is None:
            come.append(source)
        elif old.concepts is not source.concepts:
            gone.append(old)
            come.append(source)
    graphs: dict[GraphKey, Rolegraph] = {}
    for role in every:
        key = _key(home, role, pools)
        if key in graphs:
            continue
        graph = previous.graphs.get(key) if previous else None
        if graph is None:
            graphs[key] = compile_rolegraph(_concepts(sources.values(), key), boundary=key[1])
        else:
            graphs[key] = graph.replaced(_concepts(gone, key), _concepts(come, key))
    return graphs


def _concepts(sources: Iterable[Source], key: GraphKey) -> list[Concept]:
    """Return the concepts of those sources that lie in the graph's folders."""
    below = tuple(f"{folder}/" for folder in key[0])
    return [c for source in sources if source.path.startswith(below) for c in source.concepts]


def _view(role: Role, pools: Mapping[str, Haystack], graph: Rolegraph, generation: int) -> View:
    triggers = TriggerIndex(graph.concepts) if role.trigger_threshold is not None else None
    return view_of(role, pools, graph, triggers=triggers, generation=generation)
