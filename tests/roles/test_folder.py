"""The folder of role files."""

from pathlib import Path

import pytest

from roles.folder import load


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "roles").mkdir()
    return tmp_path


def write(home: Path, name: str, text: str) -> None:
    (home / "roles" / name).write_text(text)


def test_every_form_of_role_file_is_read_in_the_order_of_the_paths(home: Path) -> None:
    write(home, "b.yaml", "name: B")
    write(home, "a.yml", "name: A")
    write(home, "role-c.json", '{"name": "C"}')
    write(home, "notes.json", "no role at all")
    write(home, "README.md", "nor this")
    read = load(home)
    assert [(role.name, role.path) for role in read.roles] == [
        ("A", "roles/a.yml"),
        ("B", "roles/b.yaml"),
        ("C", "roles/role-c.json"),
    ]
    assert not read.problems


def test_a_home_without_the_folder_has_no_roles(tmp_path: Path) -> None:
    assert load(tmp_path).roles == ()


@pytest.mark.parametrize(
    ("second", "place"),
    [
        ("name: coder", (1, 7)),
        ("name: Other\nshortname: CODER", (2, 12)),
        ("name: Other\nshortname: c", (2, 12)),
    ],
)
def test_a_name_that_is_taken_is_a_problem_of_the_later_file(
    home: Path, second: str, place: tuple[int, int]
) -> None:
    write(home, "a.yaml", "name: Coder\nshortname: c")
    write(home, "b.yaml", second)
    (found,) = load(home).problems
    assert (found.code, found.path, (found.line, found.column)) == ("RG103", "roles/b.yaml", place)


def test_a_role_may_have_one_name_for_both(home: Path) -> None:
    write(home, "a.yaml", "name: Fast\nshortname: fast")
    assert not load(home).problems


def test_a_file_that_is_no_text_is_a_problem_at_its_line(home: Path) -> None:
    (home / "roles" / "a.yaml").write_bytes(b"name: A\ndescription: \xff\n")
    (found,) = load(home).problems
    assert (found.code, found.line) == ("RG111", 2)


def test_what_did_not_change_is_not_parsed_again(home: Path) -> None:
    write(home, "a.yaml", "name: A")
    write(home, "b.yaml", "name: B")
    first = load(home)
    write(home, "b.yaml", "name: Better")
    second = load(home, first)
    assert [role.name for role in second.roles] == ["A", "Better"]
    assert second.files["roles/a.yaml"] is first.files["roles/a.yaml"]


def test_the_problems_of_an_unchanged_file_stay(home: Path) -> None:
    write(home, "a.yaml", "nam: A")
    first = load(home)
    assert load(home, first).problems == first.problems != ()


def test_a_removed_file_is_forgotten(home: Path) -> None:
    write(home, "a.yaml", "name: A")
    first = load(home)
    (home / "roles" / "a.yaml").unlink()
    assert load(home, first).files == {}
