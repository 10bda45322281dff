"""The graph in the formats of other programs. The same graph gives the same text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

from kg.concept import Concept
from rolegraph.graph import ConceptGraph

# XML 1.0 has no way to write these, not even escaped.
_NOT_XML: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def to_cytoscape(graph: ConceptGraph) -> dict[str, Any]:
    """Return the JSON form that Cytoscape.js takes as its ``elements``."""
    nodes = [{"data": {"id": key, **_attributes(concept)}} for key, concept in _nodes(graph)]
    edges = [
        {"data": {"id": f"{source}>{target}", "source": source, "target": target, "kind": kind}}
        for source, target, kind in _edges(graph)
    ]
    return {"elements": {"nodes": nodes, "edges": edges}}


def to_graphml(graph: ConceptGraph) -> str:
    """Return GraphML; characters that XML cannot hold become U+FFFD."""
    import networkx as nx  # noqa: PLC0415 - a tenth of a second, for the one format it writes

    network: nx.DiGraph[str] = nx.DiGraph()
    for key, concept in _nodes(graph):
        network.add_node(_xml(key), **{k: _xml(v) for k, v in _attributes(concept).items()})
    for source, target, kind in _edges(graph):
        network.add_edge(_xml(source), _xml(target), kind=kind)
    return "\n".join(nx.generate_graphml(network)) + "\n"


def to_dot(graph: ConceptGraph) -> str:
    """Return Graphviz DOT; every name is quoted."""
    lines = [
        *(f"  {_dot(key)} [label={_dot(concept.title or key)}];" for key, concept in _nodes(graph)),
        *(f"  {_dot(a)} -> {_dot(b)} [label={_dot(kind)}];" for a, b, kind in _edges(graph)),
    ]
    return "\n".join(["digraph rolegraph {", *lines, "}", ""])


def _nodes(graph: ConceptGraph) -> Iterator[tuple[str, Concept]]:
    for concept in graph.concepts:
        yield graph.key(concept), concept


def _edges(graph: ConceptGraph) -> Iterator[tuple[str, str, str]]:
    for concept in graph.concepts:
        for target, kind in graph.edges(concept):
            yield graph.key(concept), graph.key(target), kind


def _attributes(concept: Concept) -> dict[str, Any]:
    return {
        "label": concept.title or concept.id,
        "path": concept.path,
        "priority": concept.priority,
        "routes": ", ".join(f"{route.provider},{route.model}" for route in concept.routes),
    }


def _xml(value: Any) -> Any:
    return _NOT_XML.sub("\ufffd", value) if isinstance(value, str) else value


def _dot(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'
