"""What is wrong with a home beyond its concepts, roles and haystacks is told like the rest."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from server.cli.main import app
from server.snapshot import build
from tests.running import make_home


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("keys: [", "RG310"),
        ("keys: [{name: me, sha256: short}]", "RG311"),
        ("keys: []\nmore: 1", "RG312"),
    ],
)
def test_a_broken_key_file_is_an_error_of_the_home(tmp_path: Path, text: str, code: str) -> None:
    home = make_home(tmp_path, "http://127.0.0.1:9")
    (home / "keys.yaml").write_text(text)
    snapshot, problems = build(home, {"TEST_KEY": "k"})
    assert snapshot is None
    assert [(each.path, each.code) for each in problems] == [("keys.yaml", code)]


def test_a_home_without_a_role_does_not_serve(tmp_path: Path) -> None:
    (tmp_path / "roles").mkdir()
    (tmp_path / "kg").mkdir()
    snapshot, problems = build(tmp_path, {})
    assert snapshot is None
    assert [each.code for each in problems] == ["RG301"]


def test_explain_shows_a_models_name_as_it_is(tmp_path: Path) -> None:
    home = make_home(tmp_path, "http://127.0.0.1:9")
    (home / "kg/routing/think_routing.md").write_text(
        "# Think\nsynonyms:: plan mode\nroute:: first, qwen/coder:free\nroute:: second, m\n"
    )
    told = CliRunner().invoke(
        app,
        ["explain", "plan mode", "--home", str(home), "--role", "coder"],
        env={"TEST_KEY": "", "COLUMNS": "60"},
    )
    assert "first,qwen/coder:free: inactive: TEST_KEY is not set" in told.output


def test_a_key_of_a_role_that_there_is_not_is_named(tmp_path: Path) -> None:
    home = make_home(tmp_path, "http://127.0.0.1:9")
    keys = [f"{{name: {role}, sha256: {'a' * 64}, role: {role}}}" for role in ("Coder", "chaep")]
    (home / "keys.yaml").write_text(f"keys: [{', '.join(keys)}]")
    _, problems = build(home, {"TEST_KEY": "k"})
    (told,) = [str(each) for each in problems if each.path == "keys.yaml"]
    assert told.startswith('keys.yaml:1:1 RG313 the key "chaep" has the unknown role "chaep"')
    assert "cheap" in told
