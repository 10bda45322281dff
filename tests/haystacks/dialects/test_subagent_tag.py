from __future__ import annotations

import pytest

from haystacks.dialect import Json
from haystacks.dialects.anthropic.subagent_tag import obey_tag

TAG = "<CCR-SUBAGENT-MODEL>lab,big:free</CCR-SUBAGENT-MODEL>"


def block(text: str, **more: object) -> Json:
    return {"type": "text", "text": text, **more}


def test_the_tag_names_the_model_and_is_gone() -> None:
    cache = {"cache_control": {"type": "ephemeral"}}
    system = [block("billing"), block("You are."), block(f"{TAG}\nFind things.", **cache)]
    kept = obey_tag({"model": "claude-x", "system": system, "stream": True})
    assert kept == {
        "model": "lab,big:free",
        "system": [block("billing"), block("You are."), block("Find things.", **cache)],
        "stream": True,
    }
    assert system[2]["text"].startswith(TAG), "what the client sent is never changed"


def test_a_prompt_in_one_piece_is_read_too() -> None:
    assert obey_tag({"system": f" {TAG} Find things."}) == {
        "model": "lab,big:free",
        "system": "Find things.",
    }


@pytest.mark.parametrize("system", [TAG, [block(TAG)]])
def test_no_empty_text_is_left_behind(system: object) -> None:
    assert obey_tag({"system": system}) == {"model": "lab,big:free"}


@pytest.mark.parametrize(
    "request_",
    [
        {},
        {"system": "Find things."},
        {"system": f"The tag {TAG} is described here."},
        {"system": "<CCR-SUBAGENT-MODEL> </CCR-SUBAGENT-MODEL>Find things."},
        {"system": [block("a"), block("b"), block("c"), block(TAG)]},
        {"system": [{"type": "image", "source": {}}]},
        {"messages": [{"role": "user", "content": TAG}]},
    ],
)
def test_any_other_request_stays_as_it_is(request_: Json) -> None:
    assert obey_tag(request_) is request_
