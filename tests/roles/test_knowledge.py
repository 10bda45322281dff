"""What the graph makes of a request."""

from __future__ import annotations

from typing import Any

from kg.concept import Concept, Synonym
from rolegraph.rolegraph import compile_rolegraph
from roles.knowledge import GraphKnowledge

TEA = Concept(
    "green_tea",
    "kg/tea.md",
    summary="Leaves that were steamed.",
    synonyms=(Synonym("sencha", 1, 1),),
)
POT = Concept("pot", "kg/pot.md", synonyms=(Synonym("kyusu", 1, 1),), priority=90)
CUP = Concept("cup", "kg/cup.md", summary="Holds tea.", priority=70)
KNOWLEDGE = GraphKnowledge(compile_rolegraph((TEA, POT, CUP)))


def user(*content: Any) -> dict[str, Any]:
    return {"role": "user", "content": content[0] if len(content) == 1 else list(content)}


def text(words: str, **more: Any) -> dict[str, Any]:
    return {"type": "text", "text": words, **more}


def asked(*messages: dict[str, Any]) -> dict[str, Any]:
    return {"system": "sencha", "messages": list(messages)}


RESULT = {"type": "tool_result", "tool_use_id": "t", "content": "sencha"}


def test_only_the_newest_words_of_the_user_are_replaced() -> None:
    first, answer = user("sencha"), {"role": "assistant", "content": "sencha"}
    after = KNOWLEDGE.replaced(asked(first, answer, user("more sencha"), answer, user([RESULT])))
    assert after == asked(first, answer, user("more green tea"), answer, user([RESULT]))


def test_what_a_client_put_into_the_message_stays() -> None:
    reminder = "<system-reminder>sencha</system-reminder>"
    message = user(text(reminder), text(f"{reminder} sencha", cache_control={}), RESULT)
    [after] = KNOWLEDGE.replaced(asked(message))["messages"]
    assert after == user(text(reminder), text(f"{reminder} green tea", cache_control={}), RESULT)


def test_the_best_concepts_that_have_a_summary_are_told_beside_the_users_words() -> None:
    [after] = KNOWLEDGE.annotated(asked(user("sencha, a kyusu and a cup")), 8)["messages"]
    told = text("<context>\ncup: Holds tea.\n\ngreen tea: Leaves that were steamed.\n</context>")
    assert after == user(text("sencha, a kyusu and a cup"), told)
    [less] = KNOWLEDGE.annotated(asked(user("sencha, a kyusu and a cup")), 1)["messages"]
    assert "green tea" not in less["content"][1]["text"]


def test_a_request_that_the_graph_knows_nothing_of_is_the_very_same() -> None:
    quiet = asked(user("coffee"), {"role": "assistant", "content": "sencha"}, user([RESULT]))
    assert KNOWLEDGE.replaced(quiet) is quiet
    assert KNOWLEDGE.annotated(quiet, 8) is quiet
    blocks = asked(user(text("coffee"), text("`sencha`")))
    assert KNOWLEDGE.replaced(blocks) is blocks
    potted = asked(user("a kyusu"))
    assert KNOWLEDGE.annotated(potted, 8) is potted
