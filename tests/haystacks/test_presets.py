from __future__ import annotations

from urllib.parse import urlsplit

import pytest

from haystacks.file import read_haystack
from haystacks.presets import PRESETS, SEARCH_SERVICES

NAMED = {"openai-compatible", "anthropic-compatible"}


@pytest.mark.parametrize("service", sorted(PRESETS))
def test_every_preset_serves_with_its_name_and_at_most_a_key_and_a_url(service: str) -> None:
    preset = PRESETS[service]
    text = f"service: {service}\n"
    if service in NAMED:
        text += "location: https://models.example/v1\n"
    haystack, problems = read_haystack(text, "haystacks/x.yaml", {preset.key_variable: "k1"})
    assert problems == ()
    assert haystack is not None
    assert haystack.inactive == ""
    assert haystack.dialect == preset.dialect
    assert haystack.keys == (("k1",) if preset.key_variable else ())


@pytest.mark.parametrize("service", sorted(PRESETS.keys() - NAMED - {"simulated"}))
def test_every_location_is_a_url_that_a_path_can_be_joined_to(service: str) -> None:
    url = urlsplit(PRESETS[service].location)
    local = url.hostname == "127.0.0.1"
    assert url.scheme == ("http" if local else "https")
    assert url.hostname
    assert not PRESETS[service].location.endswith("/")
    assert local == (PRESETS[service].key_variable == "")


def test_a_service_is_a_provider_or_a_search_never_both() -> None:
    assert not PRESETS.keys() & SEARCH_SERVICES
    assert all(name == name.casefold() for name in PRESETS.keys() | SEARCH_SERVICES)
