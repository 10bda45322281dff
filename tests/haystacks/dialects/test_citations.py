from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import anthropic
import httpx2
import openai
import orjson
import pytest
from openai.lib.streaming.chat import ChatCompletionStreamState

from haystacks.dialect import Json
from haystacks.dialects.anthropic.citation_history import without_foreign_citations
from haystacks.dialects.citations import decode_annotations, web_citation
from haystacks.dialects.openai_chat.response import decode_response
from haystacks.dialects.table import DIALECTS
from haystacks.http.sse import events
from haystacks.message_events import message_events
from haystacks.pool import DialectName
from tests.haystacks.dialects.openai_chunks import DONE, call, chunk, message
from tests.haystacks.dialects.test_golden import ESTIMATE, GOLDEN
from tests.haystacks.dialects.transcripts import FOLDER, encoded

ANNOTATION: Json = {
    "type": "url_citation",
    "url_citation": {"url": "https://example.org", "title": "T", "start_index": 0, "end_index": 1},
}
CITATION = web_citation("https://example.org", "T")
OPENAI = pytest.mark.parametrize("dialect", ["openai_chat", "openai_responses"])


def golden(dialect: str) -> Json:
    content = (GOLDEN / "responses" / f"encode_{dialect}_citations.json").read_bytes()
    read: Json = orjson.loads(content)
    return read


@contextmanager
def replayed(sent: bytes) -> Iterator[httpx2.Client]:
    """Give a client that gets these bytes, whatever it asks."""

    def answer(request: httpx2.Request) -> httpx2.Response:
        return httpx2.Response(200, headers={"content-type": "text/event-stream"}, content=sent)

    with httpx2.Client(transport=httpx2.MockTransport(answer)) as client:
        yield client


def told_by_openais_client(dialect: DialectName, sent: bytes) -> list[Json]:
    with replayed(sent) as http:
        client = openai.OpenAI(api_key="none", max_retries=0, http_client=http)
        annotations: Any
        if dialect == "openai_responses":
            with client.responses.stream(model="any", input="hi") as read:
                item: Any = read.get_final_response().output[0]
            annotations = item.content[0].annotations
        else:
            state = ChatCompletionStreamState()
            for each in client.chat.completions.create(model="any", messages=[], stream=True):
                state.handle_chunk(each)
            annotations = state.get_final_completion().choices[0].message.annotations
    return [
        each if isinstance(each, dict) else each.model_dump(exclude_none=True)
        for each in annotations
    ]


@OPENAI
def test_a_streamed_answer_cites_for_the_official_client_what_a_whole_one_cites(
    dialect: DialectName,
) -> None:
    answer, whole = golden(dialect)["answer"], golden(dialect)["expected"]
    told = told_by_openais_client(
        dialect, encoded(DIALECTS[dialect].stream_encoder({}), list(message_events(answer)))
    )
    said = (
        whole["choices"][0]["message"] if "choices" in whole else whole["output"][0]["content"][0]
    )
    assert told == said["annotations"]


@OPENAI
def test_what_an_answer_cites_is_where_its_annotations_point(dialect: str) -> None:
    cited = [
        block["text"]
        for block in golden(dialect)["answer"]["content"]
        for citation in block.get("citations", ())
        if str(citation.get("url", citation.get("source"))).startswith("https:")
    ]
    whole = golden(dialect)["expected"]
    said = (
        whole["choices"][0]["message"] if "choices" in whole else whole["output"][0]["content"][0]
    )
    text = said["content"] if dialect == "openai_chat" else said["text"]
    places = [each.get("url_citation", each) for each in said["annotations"]]
    assert [text[place["start_index"] : place["end_index"]] for place in places] == cited


def test_each_added_annotation_is_in_the_whole_item() -> None:
    sent = (FOLDER / "anthropic.citations.responses.client.sse").read_bytes()
    read = [orjson.loads(event.data) for event in events(sent)]
    added = [event for event in read if event["type"].endswith("annotation.added")]
    (item,) = read[-1]["response"]["output"]
    assert [event["annotation"] for event in added] == item["content"][0]["annotations"]
    assert [event["annotation_index"] for event in added] == list(range(len(added)))


@pytest.mark.parametrize(
    "name", ["openai_chat.citations", "openai_responses.search_text", "gemini.citations"]
)
def test_anthropics_client_reads_the_citations_of_another_providers_stream(name: str) -> None:
    with replayed((FOLDER / f"{name}.client.sse").read_bytes()) as http:
        client = anthropic.Anthropic(api_key="none", max_retries=0, http_client=http)
        with client.messages.stream(model="any", max_tokens=9, messages=[]) as read:
            (block,) = read.get_final_message().content
    assert block.type == "text"
    assert block.citations
    assert {each.type for each in block.citations} == {"web_search_result_location"}


def test_what_is_cited_before_its_text_comes_is_told_with_it() -> None:
    answer = message(chunk({"annotations": [ANNOTATION]}), chunk({"content": "x"}), DONE)
    assert answer["content"] == [{"type": "text", "text": "x", "citations": [CITATION]}]


def test_what_is_cited_behind_a_call_is_lost_in_a_stream_alone() -> None:
    called = call("{}", index=0, id="c", name="n")
    streamed = message(
        chunk({"content": "x"}), chunk(called), chunk({"annotations": [ANNOTATION]}, "stop"), DONE
    )
    assert [block["type"] for block in streamed["content"]] == ["text", "tool_use"]
    said = {"content": "x", "annotations": [ANNOTATION], **called}
    whole = decode_response({"id": "1", "choices": [{"message": said}]}, ESTIMATE)
    assert whole["content"][0]["citations"] == [CITATION]


@pytest.mark.parametrize(
    "odd",
    [
        None,
        7,
        "x",
        {"type": "url_citation"},
        [None, 7, "x", [], {}],
        [{"type": "url_citation"}, {"type": "url_citation", "url_citation": None}],
        [{"type": "url_citation", "url": 7}, {"type": "file_citation", "url": "https://a"}],
    ],
)
def test_annotations_that_are_none_cite_nothing(odd: Any) -> None:
    assert decode_annotations(odd) == []


def test_claude_gets_its_own_citations_back_and_no_others() -> None:
    own = {**CITATION, "encrypted_index": "Eo8B"}
    page = {"type": "char_location", "cited_text": "a"}
    said = [
        {"type": "text", "text": "a", "citations": [CITATION]},
        {"type": "text", "text": "b", "citations": [own, CITATION, page]},
        {"type": "text", "text": "c", "citations": None},
    ]
    untouched: list[Json] = [
        {"role": "user", "content": "hi"},
        {"role": "user", "content": said[2:]},
    ]
    request = {"messages": [{"role": "assistant", "content": said}, *untouched]}
    cleaned = without_foreign_citations(request)
    assert cleaned["messages"][0]["content"] == [
        {"type": "text", "text": "a"},
        {"type": "text", "text": "b", "citations": [own, page]},
        said[2],
    ]
    assert cleaned["messages"][1:] == untouched
    assert without_foreign_citations(cleaned) is cleaned
