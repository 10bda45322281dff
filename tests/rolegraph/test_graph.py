from typing import Any

import networkx as nx
import pytest

from kg.concept import Concept, Link, LinkKind, Route
from rolegraph.graph import HORIZON, ConceptGraph, build_graph


def route(model: str) -> tuple[Route, ...]:
    return (Route("p", model),)


def concept(path: str, *links: tuple[LinkKind, str], **rest: Any) -> Concept:
    name = path.rsplit("/", 1)[-1]
    edges = tuple(Link(target, kind, 1, 1) for kind, target in links)
    return Concept(name, f"kg/{path}.md", links=edges, **rest)


def inherited(graph: ConceptGraph, name: str) -> tuple[str, ...]:
    asked = graph.find(name)
    assert asked is not None
    return tuple(each.id for each in graph.inherit(asked).path)


def test_a_concept_with_routes_inherits_nothing() -> None:
    own = concept("own", ("broader", "up"), routes=route("own"))
    graph = build_graph([own, concept("up", routes=route("up"))])
    assert (graph.inherit(own).routes, graph.inherit(own).path) == (route("own"), ())
    assert graph.inherit(own).decay == 1


def test_routes_come_from_the_nearest_broader_concept_with_a_decay_for_each_step() -> None:
    low = concept("low", ("broader", "mid"))
    graph = build_graph(
        [
            low,
            concept("mid", ("broader", "high")),
            concept("high", ("broader", "top"), routes=route("high")),
            concept("top", routes=route("top")),
        ]
    )
    assert inherited(graph, "low") == ("low", "mid", "high")
    assert graph.inherit(low).routes == route("high")
    assert graph.inherit(low).decay == pytest.approx(0.81)


def test_a_far_broader_concept_is_asked_before_a_near_related_one() -> None:
    graph = build_graph(
        [
            concept("low", ("related", "side"), ("broader", "mid")),
            concept("side", routes=route("side")),
            concept("mid", ("broader", "high")),
            concept("high", routes=route("high")),
        ]
    )
    assert inherited(graph, "low") == ("low", "mid", "high")


@pytest.mark.parametrize("kind", ["related", "wiki"])
def test_related_and_wiki_links_lead_on_where_no_broader_concept_has_a_route(
    kind: LinkKind,
) -> None:
    graph = build_graph(
        [
            concept("low", ("broader", "mid")),
            concept("mid", (kind, "side")),
            concept("side", routes=route("side")),
        ]
    )
    assert inherited(graph, "low") == ("low", "mid", "side")


@pytest.mark.parametrize(("priority", "winner"), [(50, "a"), (60, "b")])
def test_of_equally_near_concepts_the_higher_priority_gives_then_the_first_path(
    priority: int, winner: str
) -> None:
    graph = build_graph(
        [
            concept("low", ("broader", "b"), ("broader", "a")),
            concept("a", routes=route("a")),
            concept("b", routes=route("b"), priority=priority),
        ]
    )
    assert inherited(graph, "low") == ("low", winner)


def test_a_folder_is_broader_where_a_concept_has_its_name() -> None:
    tokio = concept("coding/rust/tokio")
    coding = concept("coding", routes=route("coding"))
    assert inherited(build_graph([tokio, coding]), "tokio") == ("tokio", "coding")
    rust = concept("coding/rust", routes=route("rust"))
    assert inherited(build_graph([tokio, coding, rust]), "tokio") == ("tokio", "rust")


def test_a_concept_in_a_folder_of_its_own_name_is_narrower_than_the_folder_above() -> None:
    graph = build_graph([concept("coding/rust/rust"), concept("coding", routes=route("coding"))])
    assert inherited(graph, "rust") == ("rust", "coding")


def test_the_folder_that_holds_all_concepts_is_nobodys_broader_concept() -> None:
    graph = build_graph([concept("rust"), concept("kg", routes=route("kg"))])
    assert inherited(graph, "rust") == ()


def test_a_circle_without_routes_ends() -> None:
    one = concept("one", ("broader", "two"))
    graph = build_graph([one, concept("two", ("broader", "one"), ("wiki", "two"))])
    assert (graph.inherit(one).routes, graph.inherit(one).path) == ((), ())


def test_the_search_for_a_route_ends_at_the_horizon() -> None:
    chain = [concept(f"c{n}", ("broader", f"c{n + 1}")) for n in range(HORIZON + 10)]
    graph = build_graph([*chain, concept(f"c{HORIZON + 10}", routes=route("far"))])
    assert graph.inherit(chain[0]).routes == ()
    assert graph.inherit(chain[20]).routes == route("far")


def test_a_name_is_an_id_before_it_is_an_alias_whatever_its_case() -> None:
    alias = concept("a", aliases=("Think", "reasoning"))
    think = concept("z/think")
    graph = build_graph([alias, think])
    assert graph.find("THINK") is think
    assert graph.find("Reasoning") is alias
    assert graph.find("nothing") is None


def test_two_files_of_one_id_are_two_nodes_and_the_first_path_has_the_plain_key() -> None:
    first, second = concept("a/think"), concept("b/think")
    graph = build_graph([second, first])
    assert (graph.key(first), graph.key(second)) == ("think", "think@kg/b/think.md:1")
    assert list(graph.network.drawn) == ["think", "think@kg/b/think.md:1"]
    assert graph.network.connected(["think", "think@kg/b/think.md:1"]) is False


def test_the_network_is_a_networkx_graph_whose_edges_know_their_kind() -> None:
    graph = build_graph([concept("a", ("wiki", "b"), ("related", "b")), concept("b/b")])
    assert isinstance(graph.network.drawn, nx.DiGraph)
    assert list(graph.network.drawn.edges(data="kind")) == [("a", "b", "related")]


@pytest.fixture
def islands() -> ConceptGraph:
    return build_graph(
        [
            concept("a", ("related", "b"), aliases=("first",)),
            concept("b"),
            concept("c", ("broader", "b")),
            concept("d"),
        ]
    )


def test_concepts_are_connected_whichever_way_the_edges_point(islands: ConceptGraph) -> None:
    assert islands.network.connected(["first", "c", "b"])
    assert not islands.network.connected(["a", "d"])
    assert not islands.network.connected(["a", "unknown"])
    assert islands.network.connected(["d"])
    assert islands.network.connected([])


def test_a_path_names_each_step_and_is_empty_where_there_is_none(islands: ConceptGraph) -> None:
    assert islands.network.path("first", "c") == ("a", "b", "c")
    assert islands.network.path("a", "a") == ("a",)
    assert islands.network.path("a", "d") == ()
    assert islands.network.path("a", "unknown") == ()
