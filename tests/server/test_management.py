"""The management API: what would be decided, what there is, how it went."""

from __future__ import annotations

import re
from io import BytesIO
from pathlib import Path
from typing import Any

import httpx
import networkx as nx
import pytest
import terraphim_automata

from server.keys import create_key
from tests.running import CONCEPTS, make_home, running, user, write
from tests.standin import StandIn

NOWHERE = "http://127.0.0.1:9"
LINKED = (
    CONCEPTS["quick_routing"] + '        broader:: think_routing\n        A "quoted" \\ line.\n'
)


def decided(answer: httpx.Response) -> tuple[str, str, list[str]]:
    """Return the role, the phase and the candidates of a decision."""
    assert answer.status_code == 200, answer.text
    told = answer.json()
    return (
        told["role"],
        told["phase"],
        [f"{each['haystack']},{each['model']}" for each in told["candidates"]],
    )


async def test_a_question_is_decided_like_the_request_itself_and_asks_no_upstream(
    tmp_path: Path,
) -> None:
    deep = ["first,deep-model", "second,deep-model", "first,plain-model", "second,plain-model"]
    async with StandIn() as upstream:
        async with running(make_home(tmp_path, upstream.url)) as proxy, proxy.client() as client:
            prompt = await client.post("/api/route", json={"prompt": "plan mode"})
            whole = await client.post("/api/route", json=user("plan mode"))
            asked = await client.post("/v1/messages", json=user("plan mode"))
        assert decided(prompt) == decided(whole) == ("coder", "pattern", deep)
        assert asked.headers["x-rolegraph-phase"] == "pattern"
        assert len(upstream.requests) == 1, "a question must cost no call"
    told = prompt.json()
    assert (told["text"], told["concept"], told["confidence"]) == (
        "plan mode",
        "think_routing",
        0.8,
    )
    assert told["matched"][0] | {"start": 0, "end": 9, "synonym": "plan mode"} == told["matched"][0]
    assert [step["phase"] for step in told["trace"]] == ["explicit", "pattern", "scenario"]
    assert told["complexity"]["score"] == told["complexity"]["parts"]["concepts"] == 0.05


async def test_the_role_of_a_question_is_found_where_that_of_a_request_is(tmp_path: Path) -> None:
    home = make_home(tmp_path, NOWHERE)
    key = create_key(home, "mine", "cheap")
    async with running(home) as proxy, proxy.client() as client:

        async def role(path: str = "/api/route", model: str = "", body: str = "", **h: str) -> str:
            question = {"prompt": "hello", "model": model, "role": body}
            return decided(await client.post(path, json=question, headers=h))[0]

        assert await role() == "coder"
        assert await role(body="cheap") == "cheap"
        assert await role(**{"x-rolegraph-role": "cheap"}) == "cheap"
        assert await role(body="coder", **{"x-rolegraph-role": "cheap"}) == "coder"
        assert await role("/role/cheap/api/route") == "cheap"
        assert await role(model="role:cheap") == "cheap"
        assert await role(**{"x-api-key": key}) == "cheap"


async def test_what_is_unknown_is_a_problem_as_rfc_9457_has_it(tmp_path: Path) -> None:
    async with running(make_home(tmp_path, NOWHERE)) as proxy, proxy.client() as client:
        answers = [
            await client.post("/api/route", json={"prompt": "x", "role": "nobody"}),
            await client.get("/api/graph/nobody"),
            await client.get("/api/nothing"),
            await client.get("/api/route"),
            await client.get("/api/graph/coder?format=png"),
            await client.post("/api/route", content=b"{"),
        ]
    assert [answer.status_code for answer in answers] == [404, 404, 404, 405, 400, 400]
    for answer in answers:
        assert answer.headers["content-type"] == "application/problem+json"
        told = answer.json()
        assert told["status"] == answer.status_code
        assert told["title"] == answer.reason_phrase
        assert told["type"] == "about:blank"
        assert told["detail"]
    assert "Coder" in answers[0].json()["detail"]
    assert "Coder" in answers[1].json()["detail"]
    assert answers[3].headers["allow"] == "POST"


async def test_the_roles_are_listed_with_what_they_are_made_of(tmp_path: Path) -> None:
    async with running(make_home(tmp_path, NOWHERE)) as proxy, proxy.client() as client:
        told = (await client.get("/api/roles")).json()
    assert (told["selected"], told["default"], told["generation"]) == ("coder", "cheap", 1)
    coder = next(role for role in told["roles"] if role["name"] == "Coder")
    assert coder["haystacks"] == ["first", "second"]
    assert coder["scenarios"] == {"default": ["first,plain-model", "second,plain-model"]}
    assert coder["patterns"] == 5


@pytest.fixture
def linked(tmp_path: Path) -> Path:
    home = make_home(tmp_path, NOWHERE)
    write(home, "kg/routing/quick_routing.md", LINKED)
    return home


async def graph(home: Path, form: str, role: str = "Coder") -> httpx.Response:
    async with running(home) as proxy, proxy.client() as client:
        answer = await client.get(f"/api/graph/{role}", params={"format": form})
    assert answer.status_code == 200, answer.text
    return answer


async def test_a_graph_is_given_as_cytoscape_elements(linked: Path) -> None:
    elements: dict[str, Any] = (await graph(linked, "cytoscape")).json()["elements"]
    assert {node["data"]["id"] for node in elements["nodes"]} == {"think_routing", "quick_routing"}
    edge = elements["edges"][0]["data"]
    assert (edge["source"], edge["target"], edge["kind"]) == (
        "quick_routing",
        "think_routing",
        "broader",
    )


async def test_the_synonyms_are_given_as_a_thesaurus_that_terraphim_reads(linked: Path) -> None:
    answer = await graph(linked, "thesaurus")
    name, _ = terraphim_automata.load_thesaurus(answer.text)
    assert name == "Coder"
    terms = {found.term for found in terraphim_automata.find_all_matches("plan mode", answer.text)}
    assert terms == {"plan mode"}
    assert answer.json()["data"]["plan mode"]["nterm"] == "think_routing"


async def test_a_graph_is_given_as_graphml_that_networkx_reads(linked: Path) -> None:
    answer = await graph(linked, "graphml")
    assert answer.headers["content-type"].startswith("application/graphml+xml")
    read = nx.read_graphml(BytesIO(answer.content))
    assert set(read.nodes) == {"think_routing", "quick_routing"}
    assert read.edges["quick_routing", "think_routing"]["kind"] == "broader"
    assert read.nodes["think_routing"]["priority"] == 80


async def test_a_graph_is_given_as_dot_in_which_every_name_is_quoted(linked: Path) -> None:
    write(linked, 'kg/routing/o"dd.md', '# O"dd\nroute:: first, m\n')
    text = (await graph(linked, "dot", role="coder")).text
    name = r'"(?:[^"\\]|\\.)*"'
    first, *lines, last = text.strip().splitlines()
    assert (first, last) == ("digraph rolegraph {", "}")
    assert len(lines) == 4
    for line in lines:
        assert re.fullmatch(rf"  {name}(?: -> {name})? \[label={name}\];", line), line


async def test_a_role_whose_name_holds_a_slash_or_a_space_has_a_graph(tmp_path: Path) -> None:
    home = make_home(tmp_path, NOWHERE)
    write(home, "roles/odd.yaml", "name: Web / Front ü\nhaystacks: [first]\n")
    assert (await graph(home, "cytoscape", role="Web%20%2F%20Front%20%C3%BC")).json()["elements"]


async def test_a_faulty_question_is_told_what_is_wrong_with_it(tmp_path: Path) -> None:
    home = make_home(tmp_path, NOWHERE)
    async with running(home, max_body=1000) as proxy, proxy.client() as client:

        async def told(body: bytes) -> tuple[int, str]:
            answer = await client.post("/api/route", content=body)
            return answer.status_code, answer.json()["detail"]

        assert await told(b"{}") == (400, "give a prompt, or messages as for /v1/messages")
        assert await told(b'{"prompt": 5}') == (400, "prompt: Input should be a valid string")
        assert await told(b'{"prompt": "x", "tools": 5}') == (
            400,
            "tools: Input should be a valid list",
        )
        assert (await told(b"[" * 999))[0] == 400
        assert (await told(b'{"prompt": "\\ud800"}'))[0] == 400
        assert (await told(b"5"))[0] == 400
        assert (await told(b'{"prompt": "%s"}' % (b"x" * 1000)))[0] == 413


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/v1/models"),
        ("GET", "/v1/messages/batches"),
        ("GET", "/v1/messages/batches/none"),
        ("GET", "/role/cheap/v1/models"),
        ("GET", "/api/roles"),
        ("GET", "/health"),
        ("POST", "/v1/messages"),
        ("GET", "/v1/messages"),
        ("POST", "/v1/nothing"),
        ("GET", "/nowhere"),
    ],
)
async def test_every_answer_has_an_id_of_its_own(tmp_path: Path, method: str, path: str) -> None:
    async with running(make_home(tmp_path, NOWHERE)) as proxy, proxy.client() as client:
        answers = [await client.request(method, path) for _ in range(2)]
    named = [answer.headers["request-id"] for answer in answers]
    assert named == [answer.headers["x-request-id"] for answer in answers]
    assert len(set(named)) == 2
    assert all(name.startswith("req_") for name in named)
