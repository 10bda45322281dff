"""Pairs of what goes in and what must come out, one file for each promise."""

from __future__ import annotations

from copy import deepcopy
from pathlib import Path
from typing import Any

import orjson
import pytest
from anthropic.types import Message
from openai import BaseModel
from openai.types.chat import ChatCompletion
from openai.types.responses import Response

from haystacks.dialect import Adaptation, Json, TokenEstimate
from haystacks.dialects.table import DIALECTS, UPSTREAMS
from haystacks.pool import Model

GOLDEN = Path(__file__).parent / "golden"
CLIENTS: dict[str, type[BaseModel]] = {"openai_chat": ChatCompletion, "openai_responses": Response}
CAPTURES = Path(__file__).parents[2] / "captures"
ESTIMATE = TokenEstimate(input=lambda: 1000, text=len)


def goldens(folder: str) -> list[Any]:
    return [
        pytest.param(orjson.loads(path.read_bytes()), id=path.stem)
        for path in sorted((GOLDEN / folder).glob("*.json"))
    ]


def trimmed(value: Any) -> Any:
    """Cut a capture down to what a reader can check: short texts, few tools."""
    if isinstance(value, str):
        return value[:80]
    if isinstance(value, list):
        return [trimmed(item) for item in value]
    if isinstance(value, dict):
        return {key: trimmed(few(item) if key == "tools" else item) for key, item in value.items()}
    return value


def few(tools: list[Json]) -> list[Json]:
    return [tool for tool in tools if tool.get("defer_loading") or tool is tools[-1]]


def the_request(golden: Json) -> Json:
    if "capture" in golden:
        capture = orjson.loads((CAPTURES / f"{golden['capture']}.json").read_bytes())
        return dict(trimmed(capture["body"]))
    return dict(golden["request"])


def the_model(golden: Json) -> Model:
    known = golden["model"]
    capabilities = known.get("capabilities")
    return Model(
        known["id"],
        context_window=known.get("context_window"),
        max_output=known.get("max_output"),
        capabilities=None if capabilities is None else frozenset(capabilities),
    )


@pytest.mark.parametrize("golden", goldens("requests"))
def test_a_request_is_translated_as_its_golden_file_says(golden: Json) -> None:
    adaptation = Adaptation()
    request = the_request(golden)
    before = deepcopy(request)

    if golden["function"] == "encode_request":
        upstream = UPSTREAMS[golden["dialect"]]
        translated = upstream.encode_request(request, the_model(golden), adaptation)
    else:
        translated = DIALECTS[golden["dialect"]].decode_request(request, adaptation)

    assert translated == golden["expected"], golden["promise"]
    assert adaptation.notes == golden.get("notes", [])
    assert adaptation.refusals == golden.get("refusals", [])
    assert request == before, "what is translated is never changed"


@pytest.mark.parametrize("golden", goldens("responses"))
def test_an_answer_is_translated_as_its_golden_file_says(golden: Json) -> None:
    answer = deepcopy(golden["answer"])

    if golden["function"] == "encode_response":
        client = DIALECTS[golden["dialect"]]
        translated = client.encode_response(answer, golden.get("request", {}))
        for time_of_this_test in {"created", "created_at"} & translated.keys():
            translated[time_of_this_test] = golden["expected"][time_of_this_test]
    else:
        translated = UPSTREAMS[golden["dialect"]].decode_response(answer, ESTIMATE)

    assert translated == golden["expected"], golden["promise"]
    assert answer == golden["answer"], "what is translated is never changed"


@pytest.mark.parametrize("golden", goldens("responses"))
def test_the_vendors_own_sdk_reads_the_answer(golden: Json) -> None:
    if golden["function"] == "encode_response":
        CLIENTS[golden["dialect"]].model_validate(golden["expected"], strict=True)
    else:
        Message.model_validate(golden["expected"], strict=True)
