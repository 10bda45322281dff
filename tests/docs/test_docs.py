"""Everything that has a name is in the documentation, and nothing else is."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, get_args

import pytest
from fastapi import FastAPI
from starlette.routing import Route

from haystacks.pool import Capability
from kg.codes import CODES
from kg.directive import KEYWORDS
from roles.decision import PhaseName
from roles.role import ScenarioName, Strategy
from server.app import create_app
from server.front import Front
from server.home import shipped
from server.record import Outcome
from server.settings import Settings
from server.snapshot import build
from tests.docs.pages import EVERYTHING, PAGES, ROOT, Page, rows
from tests.docs.tables import MARKED, TABLES, options, walk_commands, with_tables

BY_NAME = {page.name: page for page in PAGES}
PROBLEMS = BY_NAME["docs/problems.md"]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_tables_that_the_code_writes_are_up_to_date(page: Page) -> None:
    assert page.text == with_tables(page.text), "write them anew: python -m tests.docs"


def test_every_table_stands_on_some_page() -> None:
    assert {found[2] for found in MARKED.finditer(EVERYTHING)} == set(TABLES)


def test_every_problem_code_is_listed_once_as_the_code_has_it() -> None:
    listed = [row for row in rows(PROBLEMS.text) if re.fullmatch(r"`RG\d+`", row[0])]
    told = {row[0].strip("`"): (row[1], row[2]) for row in listed}
    assert told == CODES
    assert len(listed) == len(CODES)
    assert all(len(row) == 4 and row[3] for row in listed), "say how to mend it"


def test_no_page_names_a_problem_code_or_variable_that_there_is_not() -> None:
    assert set(re.findall(r"\bRG\d{3}\b", EVERYTHING)) == set(CODES)
    variables = {f"ROLEGRAPH_{name.upper()}" for name in Settings.model_fields}
    others = {"ROLEGRAPH_HOME", "ROLEGRAPH_KEY"}
    assert set(re.findall(r"\bROLEGRAPH_[A-Z_]+\b", EVERYTHING)) == variables | others


def test_every_endpoint_is_listed_and_no_other() -> None:
    snapshot, _ = build(shipped(), {}, simulate=True)
    assert snapshot is not None
    front = create_app(Settings.model_validate({}), snapshot, dict)
    assert isinstance(front, Front)
    assert isinstance(front._app, FastAPI)
    served = {(method, path) for method, path in _served(front._app) if method != "HEAD"}
    listed = {
        (method, row[1].strip("`"))
        for row in rows(BY_NAME["README.md"].text)
        if re.fullmatch(r"`/.*`", row[1])
        for method in row[0].replace("`", "").split(", ")
    }
    assert listed == served


def _served(app: FastAPI) -> Iterator[tuple[str, str]]:
    described = app.openapi()["paths"]
    yield from ((method.upper(), path) for path in described for method in described[path])
    for route in app.routes:
        if isinstance(route, Route):
            yield from ((method, route.path) for method in route.methods or ())


def test_every_header_is_listed_and_no_other() -> None:
    pattern = r"x-(?:rolegraph|terraphim)-[a-z]+(?:-[a-z]+)*"
    source = "\n".join(
        file.read_text(encoding="utf-8")
        for room in ("haystacks", "roles", "server")
        for file in (ROOT / room).rglob("*.py")
    )
    assert set(re.findall(pattern, EVERYTHING)) == set(re.findall(pattern, source))


def test_every_directive_is_explained() -> None:
    concepts = BY_NAME["docs/concepts.md"].text
    spelled = {f"{word}:::" if word == "type" else f"{word}::" for word in KEYWORDS}
    assert {word for word in spelled if f"`{word}`" not in concepts} == set()


@pytest.mark.parametrize(
    "choices", [Strategy, PhaseName, ScenarioName, Capability, Outcome], ids=str
)
def test_every_choice_is_explained(choices: Any) -> None:
    assert {name for name in get_args(choices) if name and f"`{name}`" not in EVERYTHING} == set()


def test_every_command_that_a_page_shows_exists() -> None:
    known = {" ".join(path): set(options(command)) for path, command in walk_commands()}
    words = sorted(known, key=len, reverse=True)
    for line in re.findall(r"(?:^|`)rolegraph ([a-z][^`\n]*)", EVERYTHING, re.MULTILINE):
        command = next((word for word in words if line.startswith(word)), None)
        assert command is not None or line.startswith("keys"), line
        own = line.partition(" -- ")[0]
        assert set(re.findall(r"(?<= )--[a-z][a-z-]+", own)) <= known.get(command or "", set()), (
            line
        )


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_leads_to_a_file_and_a_heading(page: Page) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", page.prose):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, heading = target.partition("#")
        here = ROOT / page.name
        file = here.parent / path if path else here
        assert file.exists(), target
        if heading:
            assert heading in _anchors(file.read_text(encoding="utf-8")), target


def _anchors(text: str) -> set[str]:
    """Return the anchors that GitHub makes of a page's headings."""
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}
