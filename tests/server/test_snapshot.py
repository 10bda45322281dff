"""A snapshot: what has not changed is taken over, and an edited one equals one built anew."""

from __future__ import annotations

import shutil
from collections.abc import Collection
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from roles.extract import facts_of
from roles.route import route
from server.snapshot import Snapshot, build, merged
from tests.running import ROLE, make_home, write

ENVIRON = {"TEST_KEY": "k"}
PROMPTS = ("alpha", "beta", "alpha beta", "plan mode", "one two", "gamma-ray", "nothing at all")


def built(
    home: Path, previous: Snapshot | None = None, changed: Collection[Path] | None = None
) -> Snapshot:
    snapshot, problems = build(home, ENVIRON, previous=previous, changed=changed)
    assert snapshot is not None, "\n".join(map(str, problems))
    return snapshot


def decisions(snapshot: Snapshot) -> list[object]:
    """Return what each role decides for each prompt, the generation apart."""
    found: list[object] = []
    for view in snapshot.views.values():
        for prompt in PROMPTS:
            body = {"model": "auto", "messages": [{"role": "user", "content": prompt}]}
            facts = facts_of(body, {}, body_bytes=len(prompt), count=lambda: 1)
            found.append({**route(facts, view).as_dict(), "generation": 0})
    return found


def test_what_no_file_has_changed_is_the_same_object(tmp_path: Path) -> None:
    first = built(make_home(tmp_path, "http://127.0.0.1:9"))
    second = built(tmp_path, first)
    assert second.generation == first.generation + 1
    assert second.haystacks["first"] is first.haystacks["first"]
    assert second.roles["coder"] is first.roles["coder"]
    assert second.views["Coder"].rolegraph is first.views["Coder"].rolegraph
    assert all(second.sources[path] is first.sources[path] for path in first.sources)


def test_an_edit_of_one_file_leaves_all_others_as_they_were(tmp_path: Path) -> None:
    first = built(make_home(tmp_path, "http://127.0.0.1:9"))
    write(tmp_path, "kg/routing/quick_routing.md", "route:: second, other\n")
    second = built(tmp_path, first)
    kept, edited = "kg/routing/think_routing.md", "kg/routing/quick_routing.md"
    assert second.sources[kept] is first.sources[kept]
    assert second.sources[edited] is not first.sources[edited]
    assert second.haystacks["first"] is first.haystacks["first"]


def test_a_file_that_was_only_touched_costs_no_new_graph(tmp_path: Path) -> None:
    first = built(make_home(tmp_path, "http://127.0.0.1:9"))
    file = tmp_path / "kg/routing/think_routing.md"
    file.write_bytes(file.read_bytes())
    second = built(tmp_path, first, [file])
    assert second.views["Coder"].rolegraph is first.views["Coder"].rolegraph


def test_roles_that_agree_on_their_folders_share_one_rolegraph(tmp_path: Path) -> None:
    make_home(tmp_path, "http://127.0.0.1:9")
    for name, more in (("Same", ""), ("Loose", "boundary: none"), ("Narrow", "kg: [routing]")):
        write(tmp_path, f"roles/{name}.yaml", f"name: {name}\nhaystacks: [first]\n{more}\n")
    views = built(tmp_path).views
    assert views["Same"].rolegraph is views["Coder"].rolegraph
    assert views["Loose"].rolegraph is not views["Coder"].rolegraph
    assert views["Narrow"].rolegraph is not views["Coder"].rolegraph


def test_folders_outside_kg_are_read_however_they_are_spelled(tmp_path: Path) -> None:
    home = make_home(tmp_path / "home", "http://127.0.0.1:9")
    write(tmp_path, "shared/alpha.md", "route:: second, alpha\n")
    write(home, "notes/beta.md", "route:: second, beta\n")
    write(home, "roles/coder.yaml", ROLE + "    kg: [routing/, ../notes, ../../shared/.]\n")
    write(home, "roles/all.yaml", "name: All\nhaystacks: [first, second]\nkg: [.]\n")
    snapshot = built(home)
    graph = snapshot.views["Coder"].rolegraph
    assert {concept.id for concept in graph.concepts} == {
        "think_routing",
        "quick_routing",
        "alpha",
        "beta",
    }
    assert len(snapshot.views["All"].rolegraph.concepts) == 2
    assert snapshot.problems == ()
    assert set(snapshot.outside) == {home / "notes", tmp_path / "shared"}


def test_a_terraphim_haystack_brings_its_folder_to_the_roles_that_have_it(tmp_path: Path) -> None:
    make_home(tmp_path, "http://127.0.0.1:9")
    write(tmp_path, "docs/src/alpha.md", "route:: second, alpha\n")
    write(tmp_path, "haystacks/docs.yaml", "name: docs\nservice: Ripgrep\nlocation: ./docs/src/\n")
    write(tmp_path, "roles/coder.yaml", ROLE.replace("second]", "second, docs]", 1))
    views = built(tmp_path).views
    assert "alpha" in {concept.id for concept in views["Coder"].rolegraph.concepts}
    assert "alpha" not in {concept.id for concept in views["Cheap"].rolegraph.concepts}


def test_a_terraphim_role_reads_its_own_folders(tmp_path: Path) -> None:
    make_home(tmp_path, "http://127.0.0.1:9")
    write(tmp_path, "docs/src/alpha.md", "route:: second, alpha\n")
    write(
        tmp_path,
        "roles/role-t.json",
        '{"name": "T", "haystacks": [{"location": "docs/src", "service": "Ripgrep"}]}',
    )
    snapshot = built(tmp_path)
    assert [concept.id for concept in snapshot.views["T"].rolegraph.concepts] == ["alpha"]


def test_a_broken_haystack_is_told_once_and_not_again_by_each_role_that_names_it(
    tmp_path: Path,
) -> None:
    make_home(tmp_path, "http://127.0.0.1:9")
    write(tmp_path, "haystacks/second.yaml", "name: second\nservice: antropic\n")
    _, problems = build(tmp_path, ENVIRON)
    assert [(each.path, each.code) for each in problems] == [("haystacks/second.yaml", "RG204")]


WORDS = st.sampled_from(["alpha", "beta", "one two", "plan mode", "gamma-ray", "one"])
MARKDOWN = st.builds(
    "synonyms:: {}\npriority:: {}\n{}\n{}\n".format,
    st.lists(WORDS, min_size=1, max_size=3).map(", ".join),
    st.sampled_from([10, 50, 90]),
    st.sampled_from(["route:: first, m1", "route:: second, m2", ""]),
    st.sampled_from(["", "broader:: a", "related:: b", "[[c]]"]),
)
ROLES = st.sampled_from([ROLE, ROLE + "    kg: [x]\n", ROLE + "    boundary: none\n"])
# Which file, and what it says from now on; None: it is gone.
EDIT = st.one_of(
    st.tuples(st.sampled_from(["kg/a.md", "kg/x/b.md", "kg/x/c.md", "kg/y/a.md"]), MARKDOWN),
    st.tuples(st.sampled_from(["kg/a.md", "kg/x/b.md", "kg/x", "kg/y"]), st.none()),
    st.tuples(st.just("roles/coder.yaml"), ROLES),
)


@settings(max_examples=25, deadline=None)
@given(
    edits=st.lists(st.lists(EDIT, min_size=1, max_size=3), min_size=1, max_size=5),
    named=st.booleans(),
)
def test_after_any_edits_it_decides_as_one_built_from_scratch(
    edits: list[list[tuple[str, str | None]]], *, named: bool
) -> None:
    with TemporaryDirectory() as folder:
        home = make_home(Path(folder).resolve(), "http://127.0.0.1:9")
        snapshot = built(home)
        for step in edits:
            for path, text in step:
                edit(home / path, text)
            changed = [home / path for path, _ in step] if named else None
            snapshot = built(home, snapshot, changed)
            fresh = built(home)
            assert decisions(snapshot) == decisions(fresh)
            assert snapshot.problems == fresh.problems
            assert list(snapshot.sources) == list(fresh.sources)
        assert decisions(merged(snapshot)) == decisions(snapshot)


def edit(file: Path, text: str | None) -> None:
    if text is not None:
        write(file.parent, file.name, text)
    elif file.is_dir():
        shutil.rmtree(file)
    else:
        file.unlink(missing_ok=True)


def test_merging_joins_every_overlay_and_answers_the_same(tmp_path: Path) -> None:
    make_home(tmp_path, "http://127.0.0.1:9")
    many = "\n".join(f"synonyms:: word{number}" for number in range(5001))
    write(tmp_path, "kg/many.md", f"route:: first, many\n{many}\n")
    first = built(tmp_path)
    write(tmp_path, "kg/many.md", f"route:: first, many\n{many.replace('word', 'alpha ')}\n")
    write(tmp_path, "kg/beta.md", "route:: second, beta\n")
    second = built(tmp_path, first)
    graph = second.views["Coder"].rolegraph
    assert second.can_merge
    joined = merged(second)
    assert not joined.can_merge
    assert joined.generation == second.generation
    assert decisions(joined) == decisions(second) == decisions(built(tmp_path))
    for text in ("word7", "alpha 7", "beta"):
        assert joined.views["Coder"].rolegraph.hits(text) == graph.hits(text)
