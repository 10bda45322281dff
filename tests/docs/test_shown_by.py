"""What a page says to be shown by a test is shown by one that exists."""

from __future__ import annotations

import ast
import re
from functools import cache

import pytest

from tests.docs.pages import PAGES, ROOT, Page

NAMED = re.compile(r"`(tests/[\w/.]+\.py)::(\w+)`")
CLIENTS = next(page for page in PAGES if page.name == "docs/clients.md")


@cache
def names_in(path: str) -> frozenset[str]:
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    return frozenset(each.name for each in ast.walk(tree) if isinstance(each, kinds))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_test_that_a_page_names_exists(page: Page) -> None:
    missing = [f"{path}::{name}" for path, name in NAMED.findall(page.text) if not _is(path, name)]
    assert missing == []


def _is(path: str, name: str) -> bool:
    return name.startswith("test_") and (ROOT / path).is_file() and name in names_in(path)


def test_every_row_of_claude_codes_contract_names_a_test() -> None:
    _, _, table = CLIENTS.text.partition("### What it asks of a gateway")
    rows = [line for line in table.partition("\n## ")[0].splitlines() if line.startswith("| ")]
    assert len(rows) > 20
    assert [row for row in rows[1:] if not NAMED.search(row)] == []
