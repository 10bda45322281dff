from __future__ import annotations

from pathlib import Path

import pytest

from haystacks.folder import load
from kg.problem import has_errors


@pytest.fixture
def home(tmp_path: Path) -> Path:
    folder = tmp_path / "haystacks"
    folder.mkdir()
    (folder / "b.yaml").write_text("name: zeta\nservice: ollama\n")
    (folder / "a.yml").write_text("service: groq\n")
    return tmp_path


def test_haystacks_come_in_the_order_of_their_files(home: Path) -> None:
    found = load(home, {})
    assert list(found.by_name) == ["a", "zeta"]
    assert found.by_name["a"].inactive == "GROQ_API_KEY is not set"
    assert found.problems == ()


def test_a_home_without_haystacks_has_none(tmp_path: Path) -> None:
    assert dict(load(tmp_path, {}).by_name) == {}
    (tmp_path / "haystacks").write_text("a file")
    assert dict(load(tmp_path, {}).by_name) == {}


def test_of_two_with_one_name_the_first_is_kept_and_the_second_reported(home: Path) -> None:
    (home / "haystacks" / "c.yaml").write_text("# note\nservice: vllm\nname: Zeta\n")
    found = load(home, {})
    assert found.by_name["zeta"].service == "ollama"
    assert [str(p) for p in found.problems] == [
        'haystacks/c.yaml:3:7 RG203 "zeta" is the name of haystacks/b.yaml already'
    ]


def test_a_broken_file_is_reported_and_the_others_are_read(home: Path) -> None:
    (home / "haystacks" / "0.yaml").write_text("service: [\n")
    (home / "haystacks" / "1.yaml").write_bytes(b"service: \xff\n")
    found = load(home, {})
    assert [(p.path, p.code) for p in found.problems] == [
        ("haystacks/0.yaml", "RG200"),
        ("haystacks/1.yaml", "RG200"),
    ]
    assert has_errors(found.problems)
    assert list(found.by_name) == ["a", "zeta"]


def test_only_visible_yaml_files_count_and_one_may_vanish_meanwhile(home: Path) -> None:
    folder = home / "haystacks"
    (folder / ".b.yaml").write_text("service: [\n")
    (folder / "notes.txt").write_text("service: [\n")
    (folder / "sub.yaml").mkdir()
    (folder / "gone.yaml").symlink_to(folder / "nowhere.yaml")
    found = load(home, {})
    assert found.problems == ()
    assert list(found.by_name) == ["a", "zeta"]


def test_only_what_changed_is_read_anew(home: Path) -> None:
    first = load(home, {})
    (home / "haystacks" / "a.yml").write_text("service: groq\nmodels: [m]\n")
    second = load(home, {}, first)
    assert second.by_name["zeta"] is first.by_name["zeta"]
    assert [model.id for model in second.by_name["a"].models] == ["m"]


def test_a_changed_environment_reads_everything_anew(home: Path) -> None:
    first = load(home, {})
    second = load(home, {"GROQ_API_KEY": "secret"}, first)
    assert second.by_name["a"].inactive == ""
    assert "secret" not in repr(second)


def test_what_ripgrep_searches_is_knowledge(home: Path) -> None:
    text = "name: {}\nservice: Ripgrep\nlocation: {}\n"
    (home / "haystacks" / "docs.yaml").write_text(text.format("docs", "docs/src"))
    (home / "haystacks" / "more.yaml").write_text(text.format("more", "/srv/notes"))
    found = load(home, {})
    assert found.knowledge == (home / "docs" / "src", Path("/srv/notes"))
    assert found.by_name["docs"].inactive
