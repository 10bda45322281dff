"""What was said, heard in every client dialect, bounded, and never in the way of an answer."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from haystacks.http.call import Take
from server.usage.content import CHARACTERS, Content


async def _passed(content: Content, *pieces: bytes) -> list[bytes]:
    """Return what comes out behind one who listens."""
    passed: list[bytes] = []

    async def flow(write: Take) -> bool:
        for piece in pieces:
            write(piece)
        return True

    assert await content.listen(flow)(passed.append)
    return passed


async def _heard(*events: object) -> str:
    content = Content([])
    written = [b"data: %b\n\n" % orjson.dumps(event) for event in events]
    assert await _passed(content, *written) == written
    return str(orjson.loads(content.text())["answer"])


async def test_the_text_of_every_dialects_events_is_heard() -> None:
    anthropic = ({"delta": {"thinking": "a"}}, {"delta": {"text": "b"}})
    called = {"function": {"arguments": "{}"}}
    chat = ({"choices": [{"delta": {"content": "c"}}, {"delta": {"tool_calls": [called]}}]},)
    assert await _heard(*anthropic, *chat, {"delta": "d"}) == "abc{}d"


@pytest.mark.parametrize("event", [[], 1, {"choices": [1, {"delta": [2]}]}, {"delta": {"text": 1}}])
async def test_whatever_a_provider_sends_passes(event: Any) -> None:
    assert await _heard(event) == ""


async def test_what_is_no_json_passes_too() -> None:
    content = Content([])
    cut = b'data: {"delta": \n\n'
    assert await _passed(content, cut) == [cut]


def test_of_messages_the_end_is_kept_and_of_an_answer_the_beginning() -> None:
    content = Content(["first", "x" * 2 * CHARACTERS, "last"])
    content.hear("first" + "x" * 2 * CHARACTERS)
    content.hear("last")
    kept = orjson.loads(content.text())
    assert len(kept["request"]) == len(kept["answer"]) == CHARACTERS
    assert kept["request"].endswith('"last"]')
    assert kept["answer"].startswith("first")


def test_a_secret_at_the_edge_of_what_is_kept_is_taken_out_whole() -> None:
    secret = "sk-abcdefghijklmnop1234"
    content = Content([f" {secret} " + "x " * (CHARACTERS // 2 - 5)])
    content.hear("x " * (CHARACTERS // 2 - 5) + secret)
    assert "mnop1234" not in content.text()
    assert "sk-abc" not in content.text()


def test_messages_that_nest_too_deep_to_be_written_are_left_out() -> None:
    deep: list[Any] = []
    for _ in range(1000):
        deep = [deep]
    assert orjson.loads(Content(deep).text()) == {"request": "", "answer": ""}
