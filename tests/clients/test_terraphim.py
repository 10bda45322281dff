"""Terraphim's own client: no key, the model ``auto`` or none at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.clients.proxied import DIALECTS, proxied
from tests.standin import Answer

SAID = "Routed by your own words."
PLANNED = "in plan mode, good morning"
ROUTED = {"good morning": "plain-model", PLANNED: "deep-model"}


@DIALECTS
async def test_auto_in_a_chat_without_a_key_is_routed(tmp_path: Path, dialect: str) -> None:
    async with (
        proxied(tmp_path, [Answer(text=SAID)], dialect) as (proxy, _),
        proxy.client() as http,
    ):
        for prompt, model in ROUTED.items():
            body = {"model": "auto", "messages": [{"role": "user", "content": prompt}]}
            answer = await http.post("/v1/chat/completions", json=body)
            assert answer.status_code == 200, answer.text
            assert answer.json()["choices"][0]["message"]["content"] == SAID
            assert answer.headers["x-rolegraph-model"] == model


@DIALECTS
@pytest.mark.parametrize("named", [{"model": ""}, {}], ids=["empty", "left out"])
async def test_messages_without_a_models_name_are_routed(
    tmp_path: Path, dialect: str, named: dict[str, str]
) -> None:
    async with (
        proxied(tmp_path, [Answer(text=SAID)], dialect) as (proxy, _),
        proxy.client() as http,
    ):
        for prompt, model in ROUTED.items():
            body = {**named, "max_tokens": 64, "messages": [{"role": "user", "content": prompt}]}
            answer = await http.post("/v1/messages", json=body)
            assert answer.status_code == 200, answer.text
            assert answer.json()["content"][-1]["text"] == SAID
            assert answer.headers["x-rolegraph-model"] == model


async def test_its_header_chooses_the_role(tmp_path: Path) -> None:
    body = {"model": "auto", "messages": [{"role": "user", "content": PLANNED}]}
    async with proxied(tmp_path, [Answer(text=SAID)]) as (proxy, _), proxy.client() as http:
        answer = await http.post(
            "/v1/chat/completions", json=body, headers={"x-terraphim-role": "cheap"}
        )
    assert answer.headers["x-rolegraph-role"] == "cheap"
