from __future__ import annotations

import base64
import hashlib
import inspect
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from typing import Any

import pytest
import tiktoken

from haystacks import encodings
from haystacks.encodings import WHOLE_LIMIT, EncodingName, encoding, measure

openai_public = import_module("tiktoken_ext.openai_public")  # untyped
NAMES: list[EncodingName] = ["o200k_base", "cl100k_base"]
PROSE = "The quick brown fox doesn't jump over 12 lazy dogs.\n    def run(self) -> None:\n"


@pytest.mark.parametrize("name", NAMES)
def test_the_shipped_ranks_are_those_that_tiktoken_would_download(name: EncodingName) -> None:
    ranks = encoding(name)._mergeable_ranks
    lines = (
        base64.b64encode(token) + b" %d\n" % rank
        for token, rank in sorted(ranks.items(), key=lambda item: item[1])
    )
    digest = hashlib.sha256(b"".join(lines)).hexdigest()
    assert digest in inspect.getsource(getattr(openai_public, name))


@pytest.mark.parametrize("name", NAMES)
def test_pattern_and_special_tokens_are_tiktokens_own(
    name: EncodingName, monkeypatch: pytest.MonkeyPatch
) -> None:
    ranks = encoding(name)._mergeable_ranks
    monkeypatch.setattr(openai_public, "load_tiktoken_bpe", lambda *_, **__: ranks)
    own = tiktoken.Encoding(**getattr(openai_public, name)())
    ours = encoding(name)
    assert (ours._pat_str, ours._special_tokens) == (own._pat_str, own._special_tokens)
    assert ours.encode(PROSE) == own.encode(PROSE)


def test_nothing_is_downloaded(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any, **__: Any) -> None:
        raise AssertionError("an encoding opened a connection")

    monkeypatch.setattr(socket, "socket", refuse)
    encodings._build.cache_clear()
    assert measure("hello world", "o200k_base") == 2


def test_threads_that_ask_at_once_share_one_encoding() -> None:
    encodings._build.cache_clear()
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(encoding, ["cl100k_base"] * 8))
    assert all(each is found[0] for each in found)


def test_special_tokens_are_plain_text() -> None:
    assert measure("<|endoftext|>", "o200k_base") > 1


def test_half_a_character_is_counted_and_does_no_harm() -> None:
    assert measure("a\ud83d b", "o200k_base") > 0


@pytest.mark.parametrize("unit", [PROSE, "a", " ", "ab=", "\u6f22\u5b57 "])
def test_a_long_text_is_estimated_near_to_its_count(unit: str) -> None:
    text = unit * (2 * WHOLE_LIMIT // len(unit))
    whole = len(encoding("o200k_base").encode_ordinary(text))
    assert measure(text, "o200k_base") == pytest.approx(whole, rel=0.03)


def test_a_text_below_the_limit_is_exact_but_for_its_cuts() -> None:
    text = (PROSE * (WHOLE_LIMIT // len(PROSE) + 1))[:WHOLE_LIMIT]
    whole = len(encoding("o200k_base").encode_ordinary(text))
    assert measure(text, "o200k_base") == pytest.approx(whole, abs=4)


@pytest.mark.parametrize("unit", ["a", " ", "=", "ab1+"])
def test_ten_megabytes_take_no_longer_than_a_moment(unit: str) -> None:
    text = unit * (10_000_000 // len(unit))
    encoding("o200k_base")
    started = time.process_time()
    measure(text, "o200k_base")
    assert time.process_time() - started < 0.6
