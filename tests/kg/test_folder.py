from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from kg.folder import LARGEST, Source, load
from kg.parse import parse

Write = Callable[[str, str], Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def write(path: str, text: str) -> Path:
        file = tmp_path / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        return file

    return write


@pytest.fixture
def parsed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Which files have been parsed, in order."""
    seen: list[str] = []

    def spy(text: str, path: str) -> object:
        seen.append(path)
        return parse(text, path)

    monkeypatch.setattr("kg.folder.parse", spy)
    return seen


def told(sources: dict[str, Source]) -> list[str]:
    return [str(found) for source in sources.values() for found in source.problems]


def synonyms(source: Source) -> list[str]:
    return [synonym.text for concept in source.concepts for synonym in concept.synonyms]


def test_all_markdown_below_the_folders_is_read_in_the_order_of_paths(
    tmp_path: Path, write: Write
) -> None:
    for path in ("kg/b/z.md", "kg/b/a/x.MD", "kg/a/y.md", "kg/c/n.md", "kg/a/n.txt", "roles/n.md"):
        write(path, "synonyms:: q")
    assert list(load(tmp_path, ["b", "a"])) == ["kg/a/y.md", "kg/b/a/x.MD", "kg/b/z.md"]
    assert (
        list(load(tmp_path, [""]))
        == list(load(tmp_path, [".", "a"]))
        == sorted(load(tmp_path, ["a", "b", "c"]))
    )


def test_a_folder_that_is_not_there_holds_nothing(tmp_path: Path) -> None:
    assert load(tmp_path, ["nowhere"]) == {}


def test_a_folder_outside_keeps_its_absolute_path_and_gives_only_markdown(
    tmp_path: Path, write: Write
) -> None:
    inside = write("home/kg/a.md", "").parent
    outside = write("notes/b.md", "")
    write("notes/package.json", "{}")
    found = load(tmp_path / "home", [str(outside.parent), str(inside)])
    assert list(found) == [outside.as_posix(), "kg/a.md"]
    assert found[outside.as_posix()].concepts[0].path == outside.as_posix()


def test_what_is_hidden_is_left_out_unless_it_was_asked_for(tmp_path: Path, write: Write) -> None:
    hidden = write("kg/.trash/a.md", "")
    write("kg/.b.md", "")
    assert load(tmp_path, [""]) == load(tmp_path, [""], {}, [str(hidden), "kg/.trash"]) == {}
    assert list(load(tmp_path, [".trash"])) == ["kg/.trash/a.md"]


def test_an_unchanged_file_is_the_same_source_and_a_touched_one_is_not_parsed_again(
    tmp_path: Path, write: Write, parsed: list[str]
) -> None:
    file = write("kg/a.md", "synonyms:: q")
    first = load(tmp_path, [""])
    assert load(tmp_path, [""], first)["kg/a.md"] is first["kg/a.md"]
    os.utime(file, ns=(1, 1))
    touched = load(tmp_path, [""], first)["kg/a.md"]
    assert touched.stamp == (1, file.stat().st_size)
    assert touched.concepts is first["kg/a.md"].concepts
    assert parsed == ["kg/a.md"]


def test_an_edit_is_read(tmp_path: Path, write: Write) -> None:
    write("kg/a.md", "synonyms:: q")
    first = load(tmp_path, [""])
    write("kg/a.md", "synonyms:: longer")
    assert synonyms(load(tmp_path, [""], first)["kg/a.md"]) == ["longer"]


def test_a_reported_edit_is_read_even_if_the_clock_did_not_move(
    tmp_path: Path, write: Write
) -> None:
    file = write("kg/a.md", "synonyms:: q")
    first = load(tmp_path, [""])
    stamp = file.stat().st_mtime_ns
    write("kg/a.md", "synonyms:: r")
    os.utime(file, ns=(stamp, stamp))
    assert synonyms(load(tmp_path, [""], first, ["kg/a.md"])["kg/a.md"]) == ["r"]


def test_only_what_is_reported_is_looked_at(
    tmp_path: Path, write: Write, parsed: list[str]
) -> None:
    for path in ("kg/a/one.md", "kg/a/two.md", "kg/b/three.md", "kg/b/four.md"):
        write(path, "synonyms:: q")
    first = load(tmp_path, ["a", "b"])
    parsed.clear()
    (tmp_path / "kg/a/one.md").unlink()
    (tmp_path / "kg/b/four.md").unlink()
    write("kg/a/two.md", "synonyms:: r")
    write("kg/b/three.md", "synonyms:: not looked at")
    write("kg/c/other.md", "synonyms:: of no role")
    second = load(tmp_path, ["a", "b"], first, ["kg/a", str(tmp_path / "kg/c/other.md")])
    assert list(second) == ["kg/a/two.md", "kg/b/four.md", "kg/b/three.md"]
    assert synonyms(second["kg/b/three.md"]) == ["q"]
    assert parsed == ["kg/a/two.md"]


def test_a_removed_folder_takes_its_files_along_and_comes_back_with_them(
    tmp_path: Path, write: Write
) -> None:
    write("kg/a/b/one.md", "")
    write("kg/a/two.md", "")
    first = load(tmp_path, ["a"])
    (tmp_path / "kg/a").rename(tmp_path / "away")
    gone = load(tmp_path, ["a"], first, ["kg/a"])
    assert gone == {}
    (tmp_path / "away").rename(tmp_path / "kg/a")
    assert list(load(tmp_path, ["a"], gone, ["kg"])) == list(first)


@pytest.mark.parametrize("report", [".", "kg", "kg/a", "kg/a/b.md"])
def test_a_report_may_name_the_file_or_any_folder_above_it(
    tmp_path: Path, write: Write, report: str
) -> None:
    write("kg/a/b.md", "synonyms:: q")
    first = load(tmp_path, ["a"])
    write("kg/a/b.md", "synonyms:: longer")
    assert synonyms(load(tmp_path, ["a"], first, [report])["kg/a/b.md"]) == ["longer"]


def test_a_file_that_vanishes_before_it_is_read_is_gone(
    tmp_path: Path, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    write("kg/a.md", "")
    write("kg/b.md", "")
    real = Path.read_bytes

    def vanish(path: Path) -> bytes:
        if path.name == "a.md":
            path.unlink()
        return real(path)

    monkeypatch.setattr(Path, "read_bytes", vanish)
    assert list(load(tmp_path, [""])) == ["kg/b.md"]


def test_a_link_that_leads_back_up_is_walked_once_and_told(tmp_path: Path, write: Write) -> None:
    write("kg/a/b.md", "")
    (tmp_path / "kg/a/loop").symlink_to(tmp_path / "kg", target_is_directory=True)
    found = load(tmp_path, [""])
    assert [path for path, source in found.items() if source.concepts] == ["kg/a/b.md"]
    assert told(found)[0].startswith("kg/a/loop:1:1 RG021")
    assert load(tmp_path, [""], found, ["kg/a/loop"]) == found


def test_a_linked_folder_is_read_below_its_link(tmp_path: Path, write: Write) -> None:
    write("notes/b.md", "")
    write("home/kg/a.md", "")
    (tmp_path / "home/kg/notes").symlink_to(tmp_path / "notes", target_is_directory=True)
    assert list(load(tmp_path / "home", [""])) == ["kg/a.md", "kg/notes/b.md"]


def test_a_link_to_nothing_is_nothing_and_one_to_itself_is_told(tmp_path: Path) -> None:
    (tmp_path / "kg").mkdir()
    (tmp_path / "kg/gone.md").symlink_to("nowhere.md")
    (tmp_path / "kg/self.md").symlink_to("self.md")
    assert told(load(tmp_path, [""])) == [
        "kg/self.md:1:1 RG022 Too many levels of symbolic links",
    ]


def test_a_pipe_that_looks_like_a_file_does_not_hold_the_reader(tmp_path: Path) -> None:
    (tmp_path / "kg").mkdir()
    os.mkfifo(tmp_path / "kg/a.md")
    assert load(tmp_path, [""]) == {}


def test_a_file_that_is_no_text_is_told_at_the_first_wrong_byte(tmp_path: Path) -> None:
    (tmp_path / "kg").mkdir()
    (tmp_path / "kg/a.md").write_bytes("é\nsynonyms:: é".encode() + b"\xff")
    assert told(load(tmp_path, [""])) == [
        "kg/a.md:2:13 RG001 not UTF-8 text (save the file as UTF-8)"
    ]


def test_a_file_that_is_too_large_is_told_and_read_once_it_has_shrunk(
    tmp_path: Path, write: Write
) -> None:
    os.truncate(write("kg/a.md", ""), LARGEST[".md"] + 1)
    first = load(tmp_path, [""])
    assert told(first) == [
        "kg/a.md:1:1 RG020 5,000,001 bytes are more than the 5,000,000 allowed (split the file)"
    ]
    write("kg/a.md", "synonyms:: q")
    assert told(load(tmp_path, [""], first)) == []


def test_a_file_that_may_not_be_read_is_told_until_it_may(
    tmp_path: Path, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    write("kg/a.md", "synonyms:: q")

    def refuse(path: Path) -> bytes:
        raise PermissionError(13, "Permission denied", str(path))

    with monkeypatch.context() as locked:
        locked.setattr(Path, "read_bytes", refuse)
        first = load(tmp_path, [""])
    assert told(first) == ["kg/a.md:1:1 RG022 Permission denied"]
    assert synonyms(load(tmp_path, [""], first)["kg/a.md"]) == ["q"]


def test_a_file_name_that_is_no_text_can_still_be_printed(tmp_path: Path) -> None:
    (tmp_path / "kg").mkdir()
    (tmp_path / os.fsdecode(b"kg/\xff.md")).write_text("synonyms:: q")
    assert list(load(tmp_path, [""])) == ["kg/\ufffd.md"]


def test_a_thesaurus_among_the_concepts_is_read(tmp_path: Path, write: Write) -> None:
    data = {"name": "t", "data": {"plan mode": {"id": 1, "nterm": "think"}}}
    write("kg/t.json", json.dumps(data))
    assert synonyms(load(tmp_path, [""])["kg/t.json"]) == ["plan mode"]
