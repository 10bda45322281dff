"""Where the home is, and how one is made."""

from __future__ import annotations

from pathlib import Path

import pytest

from server.home import HomeMissing, find_home, make_home, shipped
from server.snapshot import build


def a_home(folder: Path) -> Path:
    for name in ("kg", "roles"):
        (folder / name).mkdir(parents=True)
    return folder.resolve()


@pytest.fixture(autouse=True)
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    return tmp_path / "config" / "rolegraph"


def test_it_is_looked_for_in_the_order_that_is_promised(tmp_path: Path, config: Path) -> None:
    option, variable, parent = (a_home(tmp_path / name) for name in ("o", "v", "p"))
    user = a_home(config)
    below = parent / "src/deep"
    below.mkdir(parents=True)
    environ = {"ROLEGRAPH_HOME": str(variable)}

    def found(option: Path | None, environ: dict[str, str], cwd: Path) -> tuple[Path, str]:
        home = find_home(option, environ, cwd)
        return home.path, home.origin

    assert found(option, environ, below) == (option, "option")
    assert found(None, environ, below) == (variable, "environment")
    assert found(None, {"ROLEGRAPH_HOME": ""}, below) == (parent, "parent")
    assert found(None, {}, tmp_path) == (user, "user")
    (user / "kg").rmdir()
    assert found(None, {}, tmp_path) == (shipped(), "shipped")


def test_the_nearest_parent_that_is_a_home_is_taken(tmp_path: Path) -> None:
    outer = a_home(tmp_path / "outer")
    inner = a_home(outer / "inner")
    (inner / "kg/deep").mkdir()
    assert find_home(None, {}, inner / "kg/deep").path == inner
    (outer / "only/kg").mkdir(parents=True)
    assert find_home(None, {}, outer / "only").path == outer


def test_what_was_named_and_is_no_home_is_told_with_the_way_out(tmp_path: Path) -> None:
    for option, environ in ((tmp_path / "x", {}), (None, {"ROLEGRAPH_HOME": str(tmp_path / "x")})):
        with pytest.raises(HomeMissing, match=r"rolegraph init .*/x"):
            find_home(option, environ, tmp_path)


def test_a_named_home_may_begin_with_the_users_own_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    home = a_home(tmp_path / "mine")
    assert find_home(None, {"ROLEGRAPH_HOME": "~/mine"}, tmp_path).path == home


def test_a_new_home_serves_as_it_is_and_edits_are_kept(tmp_path: Path) -> None:
    home = tmp_path / "new"
    written = make_home(home)
    assert {file.relative_to(home).parts[0] for file in written} == {"kg", "roles", "haystacks"}
    assert {file.suffix for file in written} <= {".md", ".yaml", ".yml", ".json"}
    snapshot, problems = build(home, {})
    assert snapshot is not None
    assert problems == ()
    edited, deleted = home / "roles/fast.yaml", home / "roles/cheap.yaml"
    edited.write_text("name: Fast\n")
    deleted.unlink()
    assert make_home(home) == [deleted]
    assert edited.read_text() == "name: Fast\n"
