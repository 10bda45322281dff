"""Anthropic's SDK sends, watches, reads, cancels and deletes batches as it does at Anthropic's."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import anthropic
import pytest
from anthropic.types.messages import MessageBatch
from anthropic.types.messages.batch_create_params import Request

from tests.clients.proxied import DIALECTS, proxied
from tests.standin import Answer, Behaviour, Held, Seen, Status

pytestmark = pytest.mark.client


def request(name: str, text: str = "Hello, world") -> Request:
    message: Any = {"content": text, "role": "user"}
    return {
        "custom_id": name,
        "params": {"max_tokens": 1024, "messages": [message], "model": "claude-sonnet-4-5"},
    }


def script(seen: Seen) -> Behaviour:
    return Status(400, "not this one") if b"refuse" in seen.raw else Answer()


async def ended(client: anthropic.AsyncAnthropic, batch: MessageBatch) -> MessageBatch:
    async with asyncio.timeout(20):
        while batch.processing_status != "ended":
            await asyncio.sleep(0.02)
            batch = await client.messages.batches.retrieve(batch.id)
    return batch


@DIALECTS
async def test_a_batch_is_sent_watched_and_read(tmp_path: Path, dialect: str) -> None:
    async with proxied(tmp_path, script, dialect) as (proxy, _):
        async with anthropic.AsyncAnthropic(base_url=proxy.url, api_key="k") as client:
            requests = [request("my-first"), request("my-second", "refuse this")]
            sent = await client.messages.batches.create(requests=requests)
            assert sent.processing_status == "in_progress"
            assert sent.request_counts.processing == 2
            batch = await ended(client, sent)
            found = {
                each.custom_id: each.result
                async for each in await client.messages.batches.results(batch.id)
            }
    assert batch.ended_at
    assert (batch.request_counts.succeeded, batch.request_counts.errored) == (1, 1)
    first, second = found["my-first"], found["my-second"]
    assert first.type == "succeeded"
    assert first.message.content[0].type == "text"
    assert first.message.content[0].text == Answer().text
    assert first.message.model == "claude-sonnet-4-5"
    assert second.type == "errored"
    assert second.error.error.type == "invalid_request_error"
    assert "not this one" in second.error.error.message


async def test_the_blocking_sdk_and_its_beta_do_the_same(tmp_path: Path) -> None:
    async with proxied(tmp_path, script) as (proxy, upstream):

        def use() -> list[str]:
            with anthropic.Anthropic(base_url=f"{proxy.url}/role/cheap", api_key="k") as client:
                batches = client.beta.messages.batches
                message: Any = {"content": "Hello", "role": "user"}
                params: Any = {"max_tokens": 9, "messages": [message], "model": "m"}
                batch = batches.create(requests=[{"custom_id": "one", "params": params}])
                for _ in range(1000):
                    if batches.retrieve(batch.id).processing_status == "ended":
                        break
                return [each.result.type for each in batches.results(batch.id)]

        assert await asyncio.to_thread(use) == ["succeeded"]
    assert upstream.requests[0].model == "cheap-model"
    assert "message-batches" not in upstream.requests[0].headers.get("anthropic-beta", "")


async def test_pages_are_followed_in_both_directions(tmp_path: Path) -> None:
    async with proxied(tmp_path, script) as (proxy, _):
        async with anthropic.AsyncAnthropic(base_url=proxy.url, api_key="k") as client:
            batches = client.messages.batches
            made = [(await batches.create(requests=[request("a")])).id for _ in range(5)][::-1]
            for size in (1, 2, 5, 1000):
                assert [batch.id async for batch in batches.list(limit=size)] == made
            back = [batch.id async for batch in batches.list(limit=2, before_id=made[4])]
            after = await batches.list(limit=2, after_id=made[0])
    assert sorted(back, reverse=True) == made[:4]
    assert [batch.id for batch in after.data] == made[1:3]


async def test_a_batch_is_cancelled_then_deleted_and_errors_have_their_classes(
    tmp_path: Path,
) -> None:
    gate = asyncio.Event()
    async with proxied(tmp_path, [Held(gate)]) as (proxy, upstream):
        async with anthropic.AsyncAnthropic(
            base_url=proxy.url, api_key="k", max_retries=0
        ) as client:
            batches = client.messages.batches
            batch = await batches.create(requests=[request(str(number)) for number in range(40)])
            await upstream.until(lambda: upstream.open_calls == 32)
            with pytest.raises(anthropic.BadRequestError, match="cancel it before"):
                await batches.delete(batch.id)
            with pytest.raises(anthropic.AnthropicError, match="No `results_url`"):
                await batches.results(batch.id)
            canceling = await batches.cancel(batch.id)
            assert canceling.processing_status == "canceling"
            assert canceling.cancel_initiated_at
            gate.set()
            counts = (await ended(client, canceling)).request_counts
            assert (counts.canceled, counts.succeeded, counts.processing) == (8, 32, 0)
            kinds = [each.result.type async for each in await batches.results(batch.id)]
            assert kinds.count("canceled") == 8
            deleted = await batches.delete(batch.id)
            assert (deleted.id, deleted.type) == (batch.id, "message_batch_deleted")
            with pytest.raises(anthropic.NotFoundError, match="no batch"):
                await batches.retrieve(batch.id)
            with pytest.raises(anthropic.BadRequestError, match="not unique"):
                await batches.create(requests=[request("a"), request("a")])
