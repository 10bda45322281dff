"""Citations: whose they are, and where they may go."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.standin import Answer
from tests.wire.wired import UPSTREAMS, wired

Json = dict[str, Any]


def conversation(*indexes: str) -> list[Json]:
    """Return one whose answer cites a page for each index, under a document to be cited."""
    citations = [
        {
            "type": "web_search_result_location",
            "url": "https://example.org",
            "title": "Rain",
            "cited_text": "It rains.",
            "encrypted_index": index,
        }
        for index in indexes
    ]
    source = {"type": "text", "media_type": "text/plain", "data": "It rains."}
    document = {"type": "document", "source": source, "citations": {"enabled": True}}
    said = {"type": "text", "text": "It does.", "citations": citations}
    return [
        {"role": "user", "content": [document, {"type": "text", "text": "Does it rain?"}]},
        {"role": "assistant", "content": [said]},
        {"role": "user", "content": "Sure?"},
    ]


@UPSTREAMS
async def test_citations_reach_anthropic_alone_and_are_noted_elsewhere(
    tmp_path: Path, dialect: str
) -> None:
    """A document is to be cited, and an answer cites -> untouched for Claude, noted elsewhere."""
    messages = conversation("Eo8B")
    async with wired(tmp_path, [Answer()], dialect) as wire:
        heard = await wire.ask(messages=messages)
    assert heard.status == 200
    if dialect == "anthropic":
        assert wire.seen.body["messages"] == messages
    else:
        assert heard.adapted == "citations dropped"
        assert b"itations" not in wire.seen.raw


async def test_another_providers_citations_never_go_to_claude(tmp_path: Path) -> None:
    """The history cites what another provider found -> Claude gets its own alone, and a note."""
    async with wired(tmp_path, [Answer()]) as wire:
        heard = await wire.ask(messages=conversation("", "Eo8B"))
    assert wire.seen.body["messages"] == conversation("Eo8B")
    assert heard.adapted == "another provider's citations removed"
