"""Files that a message names are in the request of whoever answers, each in its own form."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import orjson
import pytest

from tests.clients.picture import BASE64
from tests.clients.proxied import proxied
from tests.server.files.uploading import ANTHROPIC, upload
from tests.standin import Answer

PICTURE = base64.b64decode(BASE64)
PDF = b"%PDF-1.7\nnothing more"
DIALECTS = pytest.mark.parametrize(
    "dialect", ["anthropic", "openai_chat", "openai_responses", "gemini"]
)


def block(kind: str, file_id: str) -> dict[str, Any]:
    return {"type": kind, "source": {"type": "file", "file_id": file_id}}


def asking(*content: dict[str, Any]) -> dict[str, Any]:
    message = {"role": "user", "content": [*content, {"type": "text", "text": "What is it?"}]}
    return {"model": "auto", "max_tokens": 64, "messages": [message]}


@DIALECTS
async def test_every_dialect_gets_pictures_pdfs_and_texts_as_if_sent_whole(
    tmp_path: Path, dialect: str
) -> None:
    async with (
        proxied(tmp_path, [Answer()], dialect) as (proxy, upstream),
        proxy.client(**ANTHROPIC) as client,
    ):
        picture = await upload(client, PICTURE, "a.png", "image/png")
        pdf = await upload(client, PDF, "a.pdf", "application/pdf")
        text = await upload(client, "Ø, the text".encode(), "a.yaml", "application/x-yaml")
        named = asking(block("image", picture), block("document", pdf), block("document", text))
        whole = asking(
            source("image", "base64", "image/png", BASE64),
            source("document", "base64", "application/pdf", base64.b64encode(PDF).decode()),
            source("document", "text", "text/plain", "Ø, the text"),
        )
        counts = []
        for body in (named, whole):
            assert (await client.post("/v1/messages", json=body)).status_code == 200
            counted = await client.post("/v1/messages/count_tokens", json=body)
            counts.append(counted.json()["input_tokens"])
    first, second = upstream.requests
    assert first.body == second.body
    assert counts[0] == counts[1]


def source(kind: str, how: str, mime: str, data: str) -> dict[str, Any]:
    return {"type": kind, "source": {"type": how, "media_type": mime, "data": data}}


async def test_a_file_may_stand_in_a_tools_result_and_in_a_document(tmp_path: Path) -> None:
    async with (
        proxied(tmp_path, [Answer()]) as (proxy, upstream),
        proxy.client(**ANTHROPIC) as client,
    ):
        picture = await upload(client, PICTURE, "a.png", "image/png")
        inner = [block("image", picture)]
        result = {"type": "tool_result", "tool_use_id": "t", "content": inner}
        around = {"type": "document", "source": {"type": "content", "content": inner}}
        call = {"type": "tool_use", "id": "t", "name": "n", "input": {"file_id": "kept as it is"}}
        body = asking(result, around)
        body["messages"][:0] = [
            {"role": "user", "content": "hello"},
            {"role": "assistant", "content": [call]},
        ]
        assert (await client.post("/v1/messages", json=body)).status_code == 200
    sent = upstream.requests[0].raw.decode()
    assert (sent.count(BASE64), sent.count(picture)) == (2, 0)
    assert orjson.loads(sent)["messages"][1]["content"] == [call]


async def test_a_block_that_can_not_hold_its_file_is_refused_by_name(tmp_path: Path) -> None:
    async with (
        proxied(tmp_path, [Answer()]) as (proxy, upstream),
        proxy.client(**ANTHROPIC) as client,
    ):
        picture = await upload(client, PICTURE, "a.png", "image/png")
        text = await upload(client, b"hello")
        binary = await upload(client, b"\0\xff", "a.bin", "application/octet-stream")
        zeros = await upload(client, b"\0\1", "b.bin", "application/octet-stream")
        wrong = [
            (block("document", zeros), "must be PDF or UTF-8 text"),
            (block("document", picture), "must be PDF or UTF-8 text"),
            (block("document", binary), "must be PDF or UTF-8 text"),
            (block("image", text), "must be PNG, JPEG, GIF or WebP"),
            ({"type": "container_upload", "file_id": text}, "no container can reach it"),
        ]
        for each, message in wrong:
            for path in ("/v1/messages", "/v1/messages/count_tokens"):
                answer = await client.post(path, json=asking(each))
                assert answer.status_code == 400
                assert message in answer.json()["error"]["message"]
                assert "file_" in answer.json()["error"]["message"]
        absent = {"type": "container_upload", "file_id": "file_none"}
        answer = await client.post("/v1/messages", json=asking(absent))
        assert (answer.status_code, "file_none" in answer.text) == (404, True)
    assert upstream.requests == []


async def test_files_that_make_a_request_too_large_are_refused_before_they_are_read(
    tmp_path: Path,
) -> None:
    async with (
        proxied(tmp_path, [Answer()]) as (proxy, upstream),
        proxy.client(**ANTHROPIC) as client,
    ):
        large = await upload(client, b"x" * 1_000_000)
        (proxy.home / "state/files" / large).unlink()
        answer = await client.post("/v1/messages", json=asking(*[block("document", large)] * 40))
        assert answer.status_code == 413
        assert answer.json()["error"]["type"] == "request_too_large"
        answer = await client.post("/v1/messages", json=asking(block("document", large)))
        assert answer.status_code == 503
    assert upstream.requests == []
