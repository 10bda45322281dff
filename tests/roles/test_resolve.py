"""Which role a request gets."""

import pytest

from haystacks.errors import NotFound
from roles.resolve import by_name, resolve_role, role_of_model
from roles.role import Role

ROLES = by_name([Role("Fast", "f"), Role("Intelligent", "int"), Role("cheap")])


def resolved(*asked: str, selected: str = "", **matches: int) -> str:
    role = resolve_role(asked, ROLES, selected=selected, matches=lambda r: matches.get(r.name, 0))
    return role.name


def test_the_strongest_name_that_is_given_wins() -> None:
    assert resolved("", "  ", "cheap", "fast") == "cheap"


@pytest.mark.parametrize("name", ["intelligent", "INTELLIGENT", "int", "Int", " int "])
def test_names_and_shortnames_are_known_in_any_case(name: str) -> None:
    assert resolved(name) == "Intelligent"


def test_an_unknown_role_is_a_404_that_lists_the_roles() -> None:
    with pytest.raises(NotFound, match='"slow"; the roles are: cheap, Fast, Intelligent'):
        resolved("slow", "fast")


def test_auto_is_the_role_with_most_concepts_matched() -> None:
    assert resolved("auto", "fast", cheap=1, Intelligent=3, Fast=2) == "Intelligent"


def test_of_equals_auto_takes_the_selected_role_then_the_first_by_name() -> None:
    assert resolved("AUTO", selected="int", cheap=2, Intelligent=2, Fast=2) == "Intelligent"
    assert resolved("auto", selected="int", cheap=2, Intelligent=1, Fast=2) == "cheap"


def test_a_role_may_be_called_auto() -> None:
    index = by_name([Role("Auto"), Role("Fast")])
    assert resolve_role(["auto"], index, selected="", matches=len_of_name).name == "Auto"


def len_of_name(role: Role) -> int:
    return len(role.name)


@pytest.mark.parametrize(
    ("model", "role"),
    [
        ("role:fast", "fast"),
        ("anthropic/role:fast", "fast"),
        ("Role: Terraphim Engineer", "Terraphim Engineer"),
        ("claude-opus-5-5", ""),
        ("openrouter,role:fast", ""),
        ("", ""),
    ],
)
def test_a_model_may_name_the_role(model: str, role: str) -> None:
    assert role_of_model(model) == role
