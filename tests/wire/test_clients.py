"""A client of Responses meets every wire case, or the list says why it can't."""

from __future__ import annotations

import ast

from tests.docs.pages import ROOT
from tests.docs.wire_cases import WireCase, wire_cases

# How a test says that clients of Responses take part.
_MARKS = {"CLIENTS", "TRANSLATED"}
_FILES = ("response", "codex")

APART = {
    "W12": "a response tells its usage once, at its end",
    "W27": "Claude's signed thinking passes as it is to Anthropic's own clients alone",
    "W28": "byte for byte is a promise between equal dialects",
    "W36": "fields that only Anthropic's clients write",
    "W37": "headers that only Anthropic's clients send",
    "W38": "marks on tools that only Anthropic's clients write",
    "W39": "marks on tools that only Anthropic's clients write",
    "W41": "a header that only Claude Code writes",
    "W58": "OpenAI's clients have one list of models, whatever they ask for later",
    "W59": "a token that only Claude's subscribers have",
}


def takes_part(case: WireCase) -> bool:
    if any(name in case.file for name in _FILES):
        return True
    for node in ast.parse((ROOT / case.file).read_text(encoding="utf-8")).body:
        if isinstance(node, ast.AsyncFunctionDef) and node.name == case.test:
            return any(
                isinstance(mark, ast.Name) and mark.id in _MARKS for mark in node.decorator_list
            )
    return False


def test_every_case_has_a_client_of_responses_or_a_reason_why_not() -> None:
    cases = wire_cases()
    met = {case.number for case in cases if takes_part(case)}
    assert APART.keys().isdisjoint(met)
    assert APART.keys() | met == {case.number for case in cases}
