"""What the pages show is what you get."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import orjson
import pytest

from haystacks.file import read_haystack
from haystacks.transformers.own import read_transformer
from kg.parse import parse
from kg.problem import Problem, has_errors
from kg.thesaurus import read_thesaurus
from roles.file import read_role
from roles.terraphim import read_terraphim
from server.custom_router import read_router
from server.home import make_home
from server.snapshot import build
from tests.docs.examples import answer_of, holds, missing_lines
from tests.docs.pages import PAGES, Block, Page
from tests.running import running

FILES = [
    pytest.param(block, id=f"{page.name}:{block.file}")
    for page in PAGES
    for block in page.blocks
    if block.file
]
HOMES = [page for page in PAGES if any(block.file for block in page.blocks)]
PROGRAMS = [page for page in PAGES if any(block.is_program for block in page.blocks)]
RUN = [page for page in PAGES if any(page.examples)]


def problems_of(block: Block) -> tuple[Problem, ...]:
    folder, suffix = block.file.partition("/")[0], Path(block.file).suffix
    match folder, suffix:
        case "kg", ".md":
            return parse(block.text, block.file)[1]
        case "kg", ".json":
            return read_thesaurus(block.text, block.file)[1]
        case "roles", ".json":
            return read_terraphim(block.text, block.file)[1]
        case "roles", ".yaml":
            return read_role(block.text, block.file)[1]
        case "haystacks", ".yaml":
            return read_haystack(block.text, block.file, {})[1]
        case "transformers", ".py":
            transformer = read_transformer(block.text.encode(), block.file)
            return (transformer,) if isinstance(transformer, Problem) else ()
        case "router.py", _:
            router = read_router(block.text.encode())
            return (router,) if isinstance(router, Problem) else ()
    pytest.fail(f"{block.file} is no file of a home")


def home_of(page: Page, folder: Path) -> Path:
    make_home(folder)
    for block in page.blocks:
        if block.file:
            file = folder / block.file
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(block.text, encoding="utf-8")
    return folder


@pytest.mark.parametrize("block", FILES)
def test_a_file_that_a_page_shows_has_no_problem(block: Block) -> None:
    assert problems_of(block) == ()


@pytest.mark.parametrize("page", HOMES, ids=lambda page: page.name)
def test_a_page_tells_the_reader_where_each_of_its_files_belongs(page: Page) -> None:
    files = {block.file for block in page.blocks if block.file}
    assert {file for file in files if f"`{file}`" not in page.prose} == set()


@pytest.mark.parametrize("page", HOMES, ids=lambda page: page.name)
def test_the_files_of_a_page_fit_into_the_shipped_home(page: Page, tmp_path: Path) -> None:
    _, problems = build(home_of(page, tmp_path), {})
    assert not has_errors(problems), "\n".join(map(str, problems))


@pytest.mark.parametrize("page", RUN, ids=lambda page: page.name)
async def test_a_command_answers_what_its_page_says(page: Page, tmp_path: Path) -> None:
    home = home_of(page, tmp_path)
    async with running(home, simulate=True, environ={}, role="") as server:
        for command, told in page.examples:
            actual = await answer_of(command, server.url, home)
            if told.language == "json":
                assert holds(orjson.loads(actual), orjson.loads(told.text)), f"{command}\n{actual}"
            else:
                assert not missing_lines(actual, told.text), f"{command}\n{actual}"


@pytest.mark.parametrize("page", PROGRAMS, ids=lambda page: page.name)
async def test_a_program_that_a_page_shows_gets_its_answer(page: Page, tmp_path: Path) -> None:
    async with running(home_of(page, tmp_path), simulate=True, environ={}, role="") as server:
        for block in page.blocks:
            if block.is_program:
                program = block.text.replace("http://127.0.0.1:3456", server.url)
                names: dict[str, Any] = {}
                await asyncio.to_thread(exec, program, names)
                names["client"].close()
                assert "simulated inside Rolegraph" in names["answer"].model_dump_json()
