from __future__ import annotations

from datetime import UTC, datetime, tzinfo

import pytest

from haystacks.pool import Price
from haystacks.presets import PRESETS
from haystacks.prices import Known, cost, lookup

PRICE = Price(3.0, 15.0, cache_read=0.3, cache_write=3.75)


@pytest.mark.parametrize(
    ("service", "model"),
    [
        ("anthropic", "claude-sonnet-4-5"),
        ("openrouter", "anthropic/claude-sonnet-4.5"),
        ("openai", "gpt-4o"),
        ("deepseek", "deepseek-chat"),
        ("gemini", "gemini-2.5-flash"),
        ("xai", "grok-4"),
    ],
)
def test_price_and_window_of_known_models_are_known(service: str, model: str) -> None:
    known = lookup(service, model)
    assert known.price is not None
    assert 0 < known.price.input < known.price.output
    assert known.price.cache_read is not None
    assert known.price.cache_read < known.price.input
    assert known.context_window is not None
    assert known.context_window >= 32_000


@pytest.mark.parametrize("service", [name for name, each in PRESETS.items() if each.prices])
def test_every_provider_is_found_in_the_price_list(service: str) -> None:
    from genai_prices.data_snapshot import find_provider_by_id, get_snapshot

    found = find_provider_by_id(get_snapshot().providers, PRESETS[service].prices)
    assert found is not None
    assert found.id == PRESETS[service].prices


@pytest.mark.parametrize("model", ["deepseek-chat", "deepseek-reasoner"])
def test_a_price_does_not_depend_on_the_hour_of_the_start(
    model: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    prices = set()
    for hour in range(24):

        class Start(datetime):
            @classmethod
            def now(cls, tz: tzinfo | None = None, *, at: int = hour) -> Start:
                return cls(2026, 11, 21, at, 45, tzinfo=tz or UTC)

        monkeypatch.setattr("haystacks.prices.datetime", Start)
        prices.add(lookup.__wrapped__("deepseek", model).price)
    assert len(prices) == 1


def test_what_nobody_lists_is_unknown() -> None:
    assert lookup("openai", "no-such-model") == Known()
    assert lookup("openai-compatible", "gpt-4o") == Known()


def test_what_runs_at_home_is_free() -> None:
    assert lookup("ollama", "qwen2.5-coder:latest").price == Price(0, 0)


def test_w60_each_kind_of_token_has_its_price_and_none_is_billed_twice() -> None:
    """Cached and other tokens -> each kind at its own price, none twice."""
    usage = {
        "input_tokens": 1_000_000,
        "cache_read_input_tokens": 2_000_000,
        "cache_creation_input_tokens": 4_000_000,
        "output_tokens": 100_000,
        "service_tier": "standard",
    }
    assert cost(PRICE, usage) == pytest.approx(3.0 + 0.6 + 15.0 + 1.5)


def test_cached_tokens_without_a_price_of_their_own_cost_what_others_do() -> None:
    usage = {"cache_read_input_tokens": 500_000, "cache_creation_input_tokens": 500_000}
    assert cost(Price(2.0, 8.0), usage) == pytest.approx(2.0)
    assert cost(Price(2.0, 8.0, cache_read=0.0), usage) == pytest.approx(1.0)


def test_an_empty_usage_costs_nothing() -> None:
    assert cost(PRICE, {"input_tokens": None}) == 0.0
