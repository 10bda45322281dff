from __future__ import annotations

import pytest

from haystacks.tokenizer import tokenizer


@pytest.mark.parametrize(
    ("model", "same_as"),
    [
        ("anthropic/claude-sonnet-4.5", "claude-sonnet-4-5"),
        ("claude-opus-4-20250514", "claude-opus-4-6"),
        ("claude-3-5-sonnet-20241022", "claude-opus-4-6"),
        ("us.anthropic.claude-haiku-4-5-20251001-v1:0", "claude-opus-4-6"),
        ("claude-instant-1.2", "claude-opus-4-6"),
        ("anthropic/claude-opus-4.8", "claude-opus-4-7"),
        ("Claude-Opus-5-5", "claude-opus-4-7"),
        ("claude-mythos-preview", "claude-opus-4-7"),
        ("openai/gpt-4o-mini", "gpt-5"),
        ("gpt-4.1", "gpt-5"),
        ("deepseek-chat", ""),
        ("gpt-4-turbo", "gpt-3.5-turbo"),
    ],
)
def test_the_models_of_one_family_count_alike(model: str, same_as: str) -> None:
    assert tokenizer(model) is tokenizer(same_as)


def test_families_count_differently() -> None:
    names = ["claude-opus-4-6", "claude-opus-4-7", "gpt-3.5-turbo", "gpt-5"]
    assert len({tokenizer(name) for name in names}) == 4


@pytest.mark.parametrize(
    ("model", "size", "tokens"),
    [
        ("claude-opus-4-6", (1280, 800), 1334),
        ("claude-opus-4-6", (1920, 1080), 1560),
        ("claude-opus-4-8", (1920, 1080), 2691),
        ("claude-opus-4-8", (1080, 1920), 2691),
        ("claude-opus-4-8", (3840, 2160), 4784),
        ("claude-opus-4-8", (4032, 3024), 4740),
        ("claude-opus-4-6", (1, 1), 1),
    ],
)
def test_an_image_costs_what_anthropics_manual_says(
    model: str, size: tuple[int, int], tokens: int
) -> None:
    assert tokenizer(model).of_image(size) == tokens


@pytest.mark.parametrize("size", [None, (0, 5), (1, 100_000), (8000, 8000), (2**31, 2**31)])
def test_no_image_costs_more_than_the_largest(size: tuple[int, int] | None) -> None:
    family = tokenizer("claude-opus-4-6")
    assert 0 < family.of_image(size) <= family.image_tokens
