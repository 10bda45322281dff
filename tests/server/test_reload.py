"""Save a file, and the next request goes by it; save a broken one, and nothing happens."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.running import CHEAP, CONCEPTS, ROLE, write
from tests.server.watching import asking

THINK = CONCEPTS["think_routing"]


async def test_a_synonym_that_was_added_routes_the_next_request(tmp_path: Path) -> None:
    async with asking(tmp_path) as asker:
        await asker.goes("ponder this", "first,plain-model")
        write(tmp_path, "kg/routing/think_routing.md", THINK + "        synonyms:: ponder\n")
        await asker.goes("ponder this", "first,deep-model")


async def test_a_saved_synonym_is_live_within_half_a_second(tmp_path: Path) -> None:
    async with asking(tmp_path) as asker:
        took = []
        for word in ("ponder", "muse", "brood", "mull", "reckon"):
            write(tmp_path, "kg/routing/think_routing.md", THINK + f"        synonyms:: {word}\n")
            took.append(await asker.goes(f"{word} this", "first,deep-model"))
    assert sorted(took)[2] < 0.5


async def test_a_file_that_an_editor_replaces_by_a_rename_is_read(tmp_path: Path) -> None:
    async with asking(tmp_path) as asker:
        file = tmp_path / "kg/routing/think_routing.md"
        draft = file.with_name(".think_routing.md.swp")
        draft.write_text(file.read_text().replace("plan mode", "ponder"))
        draft.replace(file)
        await asker.goes("ponder this", "first,deep-model")
        await asker.goes("plan mode", "first,plain-model")


async def test_a_broken_role_changes_nothing_but_the_report(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async with asking(tmp_path) as asker:
        before = await asker.generation()
        write(tmp_path, "roles/coder.yaml", "name: Coder\nhaystacks: [fist]\n")
        state = await asker.last_reload(ok=False)
        wrong = next(each for each in state["problems"] if each["severity"] == "error")
        assert (wrong["path"], wrong["line"], wrong["column"]) == ("roles/coder.yaml", 2, 13)
        assert (wrong["code"], wrong["hint"]) == ("RG104", 'did you mean "first"?')
        assert await asker.ask("hello") == "first,plain-model"
        assert await asker.generation() == state["generation"] == before
        mended = ROLE.replace("[first, plain-model], ", "")
        write(tmp_path, "roles/coder.yaml", mended)
        await asker.goes("hello", "second,plain-model")
        assert (await asker.last_reload(ok=True))["generation"] > before
    assert 'roles/coder.yaml:2:13 RG104 unknown haystack "fist"' in capsys.readouterr().out


async def test_an_edit_made_while_another_file_is_broken_is_not_forgotten(tmp_path: Path) -> None:
    async with asking(tmp_path) as asker:
        write(tmp_path, "roles/cheap.yaml", "name: [")
        await asker.last_reload(ok=False)
        write(tmp_path, "kg/routing/think_routing.md", THINK + "        synonyms:: ponder\n")
        write(tmp_path, "kg/routing/ready.md", "# Ready\nsynonyms:: ready\nroute:: second, r\n")
        while len((await asker.last_reload(ok=False))["problems"]) != 1:
            await asker.ask("hello")
        assert await asker.ask("ponder this") == "first,plain-model"
        write(tmp_path, "roles/cheap.yaml", CHEAP)
        await asker.goes("ponder this", "first,deep-model")
        await asker.goes("ready", "second,r")


async def test_a_reload_by_hand_tells_every_problem_at_once(tmp_path: Path) -> None:
    async with asking(tmp_path) as asker:
        write(tmp_path, "roles/coder.yaml", "name: Coder\nhaystacks: [fist]\nstrategy: best\n")
        write(tmp_path, "haystacks/second.yaml", "name: second\nservice: antropic\n")
        write(tmp_path, "kg/routing/quick_routing.md", "priority:: high\n")
        write(tmp_path, "keys.yaml", "keys: 5\n")
        state = await asker.reload(status=422)
        assert not state["ok"]
        assert {problem["path"] for problem in state["problems"]} == {
            "roles/coder.yaml",
            "haystacks/second.yaml",
            "kg/routing/quick_routing.md",
            "keys.yaml",
        }
        assert all(problem["line"] and problem["column"] for problem in state["problems"])


async def test_each_good_reload_has_a_higher_number_and_requests_name_it(tmp_path: Path) -> None:
    async with asking(tmp_path) as asker:
        numbers = [(await asker.reload())["generation"] for _ in range(3)]
        assert numbers == sorted(set(numbers))
        await asker.ask("hello")
        assert asker.answers[-1].headers["x-rolegraph-generation"] == str(numbers[-1])


@pytest.mark.parametrize("folder", ["kg/routing", "kg", "roles", "haystacks"])
async def test_a_folder_that_is_deleted_and_made_again_is_watched_again(
    tmp_path: Path, folder: str
) -> None:
    away = tmp_path / "away"
    async with asking(tmp_path) as asker:
        shutil.copytree(tmp_path / folder, away)
        shutil.rmtree(tmp_path / folder)
        if folder.startswith("kg"):
            await asker.goes("plan mode", "first,plain-model")
        else:
            await asker.last_reload(ok=False)
            await asker.goes("plan mode", "first,deep-model")
        shutil.copytree(away, tmp_path / folder)
        await asker.last_reload(ok=True)
        await asker.goes("plan mode", "first,deep-model")
        write(tmp_path, "kg/routing/think_routing.md", THINK.replace("deep-model", "deeper"))
        await asker.goes("plan mode", "first,deeper")
        write(tmp_path, "roles/coder.yaml", ROLE.replace("plain-model", "plainer"))
        await asker.goes("hello", "first,plainer")


async def test_a_folder_that_is_swapped_for_a_copy_is_watched_like_the_old_one(
    tmp_path: Path,
) -> None:
    async with asking(tmp_path) as asker:
        for number in range(3):
            shutil.copytree(tmp_path / "kg", tmp_path / "away")
            shutil.rmtree(tmp_path / "kg")
            (tmp_path / "away").rename(tmp_path / "kg")
            changed = THINK.replace("deep-model", f"deep-{number}")
            write(tmp_path, "kg/routing/think_routing.md", changed)
            await asker.goes("plan mode", f"first,deep-{number}")
            write(tmp_path, "kg/routing/think_routing.md", THINK)
            await asker.goes("plan mode", "first,deep-model")


async def test_a_new_folder_full_of_concepts_is_read_as_it_appears(tmp_path: Path) -> None:
    async with asking(tmp_path) as asker:
        ready = "# Ready\nsynonyms:: ready\nroute:: second, r\n"
        write(tmp_path / "away", "v1.0/deep/ready.md", ready)
        (tmp_path / "away/v1.0").rename(tmp_path / "kg/v1.0")
        await asker.goes("ready", "second,r")
        (tmp_path / "kg/v1.0").rename(tmp_path / "away/v1.0")
        await asker.goes("ready", "first,plain-model")
