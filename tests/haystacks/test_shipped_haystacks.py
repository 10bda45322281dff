"""The haystack files that we ship."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from haystacks.folder import load
from haystacks.presets import PRESETS

HOME = Path(__file__).parents[2]
WITHOUT_KEYS = load(HOME, {})
NAMES = sorted(WITHOUT_KEYS.by_name)


def test_the_files_are_free_of_problems() -> None:
    assert [str(problem) for problem in WITHOUT_KEYS.problems] == []


def test_without_any_key_only_what_is_local_is_in_use() -> None:
    assert [name for name in NAMES if not WITHOUT_KEYS.by_name[name].inactive] == ["ollama"]


@pytest.mark.parametrize("name", NAMES)
def test_every_model_is_known_well_enough_to_choose_by(name: str) -> None:
    for model in WITHOUT_KEYS.by_name[name].models:
        assert model.context_window, model.id
        assert model.price, model.id
        assert model.capabilities, model.id


@pytest.mark.parametrize("name", NAMES)
def test_every_haystack_has_a_model_that_takes_tools(name: str) -> None:
    models = WITHOUT_KEYS.by_name[name].models
    assert any(model.capabilities and "tools" in model.capabilities for model in models)


def test_the_example_environment_names_the_key_of_every_haystack() -> None:
    example = (HOME / ".env.example").read_text()
    listed = set(re.findall(r"^(\w+_API_KEY)=$", example, flags=re.MULTILINE))
    services = {WITHOUT_KEYS.by_name[name].service for name in NAMES}
    assert listed == {PRESETS[service].key_variable for service in services} - {""}


def test_the_keys_of_the_example_activate_every_haystack() -> None:
    keys = {PRESETS[service].key_variable: "a-key" for service in PRESETS}
    haystacks = load(HOME, keys).by_name.values()
    assert [haystack.name for haystack in haystacks if haystack.inactive] == []
