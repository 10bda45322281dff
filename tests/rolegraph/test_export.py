import io
import json
import re

import networkx as nx
import pytest

from kg.concept import Concept, Link, Route
from rolegraph.export import to_cytoscape, to_dot, to_graphml
from rolegraph.graph import ConceptGraph, build_graph

THINK = Concept(
    "think",
    "kg/think.md",
    title='Think "hard" \\ <&>\x00',
    routes=(Route("deepseek", "deepseek-reasoner"), Route("x", "y")),
    links=(Link("slow", "broader", 1, 1), Link("fast", "related", 1, 1)),
)
CONCEPTS = [THINK, Concept("slow", "kg/slow.md"), Concept("fast", "kg/fast.md")]
EDGES = {("think", "slow", "broader"), ("think", "fast", "related")}


@pytest.fixture
def graph() -> ConceptGraph:
    return build_graph(CONCEPTS)


def test_cytoscape_holds_every_node_and_edge(graph: ConceptGraph) -> None:
    elements = json.loads(json.dumps(to_cytoscape(graph)))["elements"]
    nodes = {node["data"]["id"]: node["data"] for node in elements["nodes"]}
    assert sorted(nodes) == ["fast", "slow", "think"]
    assert nodes["think"]["routes"] == "deepseek,deepseek-reasoner, x,y"
    data = [edge["data"] for edge in elements["edges"]]
    assert {(edge["source"], edge["target"], edge["kind"]) for edge in data} == EDGES


def test_graphml_reads_back_as_the_same_graph(graph: ConceptGraph) -> None:
    read = nx.read_graphml(io.BytesIO(to_graphml(graph).encode()))
    assert set(read.edges(data="kind")) == EDGES
    assert read.nodes["think"]["label"] == 'Think "hard" \\ <&>\N{REPLACEMENT CHARACTER}'


def test_dot_quotes_every_name(graph: ConceptGraph) -> None:
    dot = to_dot(graph)
    assert '"think" [label="Think \\"hard\\" \\\\ <&>' in dot
    edge = re.compile(r'^  "(\w+)" -> "(\w+)" \[label="(\w+)"\];$', re.MULTILINE)
    assert set(edge.findall(dot)) == EDGES


def test_the_order_of_reading_leaves_no_trace() -> None:
    one, other = build_graph(CONCEPTS), build_graph(CONCEPTS[::-1])
    for export in (to_cytoscape, to_graphml, to_dot):
        assert export(one) == export(other)
