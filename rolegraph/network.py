"""The graph of concepts in networkx, for what only the whole of it can tell."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import networkx as nx

if TYPE_CHECKING:
    from rolegraph.graph import ConceptGraph


class Network:
    """All concepts and edges: ``drawn`` has nodes by key, and each edge's ``kind``."""

    def __init__(self, graph: ConceptGraph) -> None:
        self._graph = graph
        self.drawn: nx.DiGraph[str] = nx.DiGraph()
        for concept in graph.concepts:
            self.drawn.add_node(graph.key(concept))
        for concept in graph.concepts:
            for target, kind in graph.edges(concept):
                self.drawn.add_edge(graph.key(concept), graph.key(target), kind=kind)

    def connected(self, names: Iterable[str]) -> bool:
        """Tell whether all these concepts hang together, whichever way the edges point."""
        keys = {self._node(name) for name in names}
        known = {key for key in keys if key is not None}
        if known != keys:
            return False
        undirected = self.drawn.to_undirected(as_view=True)
        return not known or known <= nx.node_connected_component(undirected, min(known))

    def path(self, source: str, target: str) -> tuple[str, ...]:
        """Return a shortest way between two concepts, whichever way the edges point, or nothing."""
        start, end = self._node(source), self._node(target)
        undirected = self.drawn.to_undirected(as_view=True)
        if start is None or end is None or not nx.has_path(undirected, start, end):
            return ()
        return tuple(nx.shortest_path(undirected, start, end))

    def _node(self, name: str) -> str | None:
        if name in self.drawn:
            return name
        concept = self._graph.find(name)
        return None if concept is None else self._graph.key(concept)
