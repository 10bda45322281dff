from __future__ import annotations

import pytest

from haystacks.variables import fill


@pytest.mark.parametrize(
    ("text", "filled", "missing"),
    [
        ("${A}", "one", ()),
        ("x ${A}-${B} y", "x one-two y", ()),
        ("${NONE:-else}", "else", ()),
        ("${A:-else}", "one", ()),
        ("${EMPTY:-else}", "else", ()),
        ("${EMPTY}", "", ("EMPTY",)),
        ("${NONE:-}", "", ()),
        ("${NONE} ${A} ${GONE}", "one", ("NONE", "GONE")),
        ("$A ${a b} $${", "$A ${a b} $${", ()),
    ],
)
def test_variables_are_put_in(text: str, filled: str, missing: tuple[str, ...]) -> None:
    found = fill(text, {"A": "one", "B": "two", "EMPTY": ""})
    assert (found.text, found.missing) == (filled, missing)


def test_what_the_file_itself_says_is_told_apart_from_its_variables() -> None:
    assert fill("${A}", {"A": "one"}).written == ""
    assert fill("sk-${A}", {"A": "one"}).written == "sk-"
    assert fill("${A:-sk-default}", {"A": "one"}).written == "sk-default"


def test_a_value_never_shows_in_a_repr() -> None:
    assert "secret" not in repr(fill("${A} secret-2", {"A": "secret-1"}))
