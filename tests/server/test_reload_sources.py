"""What a reload reads beside the three folders: keys, variables, folders outside, links."""

from __future__ import annotations

from pathlib import Path

import pytest
import watchfiles

import server.reload
import server.watch
from server.cli.open_home import environment
from server.keys import create_key, write_keys
from tests.running import ROLE, make_home, running, user, write
from tests.server.watching import Asker, asking
from tests.standin import Answer, StandIn

READY = "# Ready\nsynonyms:: ready\nroute:: second, r\n"
RIPGREP = "name: notes\nservice: Ripgrep\nlocation: {folder}\n"
SEARCHING = ROLE.replace("[first, second]", "[first, second, notes]", 1)


async def test_a_key_made_or_revoked_counts_without_a_restart(tmp_path: Path) -> None:
    home = make_home(tmp_path, "http://127.0.0.1:9")
    old = create_key(home, "old")
    async with running(home, require_keys="always") as proxy, proxy.client() as client:

        async def status(key: str) -> int:
            return (await client.get("/v1/models", headers={"x-api-key": key})).status_code

        assert await status(old) == 200
        new = create_key(home, "new")
        while await status(new) != 200:
            assert await status(old) == 200
        write_keys(home, [])
        while await status(old) != 401:
            pass
        assert await status(new) == 401


async def test_a_variable_added_to_the_homes_env_file_wakes_its_haystack(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TEST_KEY", raising=False)
    async with StandIn([Answer()]) as upstream:
        home = make_home(tmp_path, upstream.url)
        async with (
            running(home, environ=lambda: environment(home)) as proxy,
            proxy.client() as client,
        ):
            before = await client.post("/v1/messages", json=user("hello"))
            write(home, ".env", "TEST_KEY=from-the-file\n")
            state = await client.post("/api/reload")
            after = await client.post("/v1/messages", json=user("hello"))
    assert (before.status_code, "TEST_KEY is not set" in before.text) == (400, True)
    assert (state.json()["ok"], after.status_code) == (True, 200)
    assert upstream.requests[0].headers["x-api-key"] == "from-the-file"


async def test_a_folder_that_a_terraphim_haystack_searches_is_followed_from_the_edit_that_names_it(
    tmp_path: Path,
) -> None:
    home, notes = tmp_path / "home", tmp_path / "notes"
    async with asking(home) as asker:
        write(notes, "deep/ready.md", READY)
        write(home, "haystacks/notes.yaml", RIPGREP.format(folder="../notes"))
        write(home, "roles/coder.yaml", SEARCHING)
        await asker.goes("ready", "second,r")
        assert await _role(asker, "cheap") == "second,cheap-model", "it belongs to the role"
        write(notes, "deep/ready.md", READY.replace("r\n", "r2\n"))
        await asker.goes("ready", "second,r2")
        notes.rename(tmp_path / "elsewhere")
        await asker.goes("ready", "first,plain-model")
        (tmp_path / "elsewhere").rename(notes)
        await asker.goes("ready", "second,r2")


async def _role(asker: Asker, role: str) -> str:
    asker.client.headers["x-rolegraph-role"] = role
    went = await asker.ask("ready")
    del asker.client.headers["x-rolegraph-role"]
    return went


async def test_a_mounted_folder_that_is_swapped_by_one_hidden_link_is_read(tmp_path: Path) -> None:
    write(tmp_path, "away/one/ready.md", READY)
    write(tmp_path, "away/two/ready.md", READY.replace("second, r", "second, r2"))
    mounted = tmp_path / "kg/mounted"
    mounted.mkdir(parents=True)
    (mounted / "..data").symlink_to(tmp_path / "away/one")
    (mounted / "ready.md").symlink_to("..data/ready.md")
    async with asking(tmp_path) as asker:
        await asker.goes("ready", "second,r")
        (mounted / "..data_tmp").symlink_to(tmp_path / "away/two")
        (mounted / "..data_tmp").rename(mounted / "..data")
        await asker.goes("ready", "second,r2")


async def test_where_the_system_has_no_more_watches_the_folders_are_polled(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_more(*paths: Path, **options: object) -> object:
        if not options["force_polling"]:
            raise OSError("OS file watch limit reached")
        return watchfiles.awatch(*paths, **options)  # type: ignore[arg-type]  # passed on as they came

    monkeypatch.setattr(server.watch, "awatch", no_more)
    async with asking(tmp_path) as asker:
        await asker.goes("ready", "first,plain-model")
        file = write(tmp_path, "kg/ready.md", READY)
        await asker.goes("ready", "second,r")
        file.unlink()
        await asker.goes("ready", "first,plain-model")


async def test_a_file_that_may_not_be_read_now_is_read_with_the_next_edit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refused(*_given: object, **_named: object) -> None:
        raise PermissionError("not now")

    async with asking(tmp_path) as asker:
        with monkeypatch.context() as patched:
            patched.setattr(server.reload, "build", refused)
            write(tmp_path, "kg/ready.md", READY)
            while "reload failed" not in capsys.readouterr().out:
                assert await asker.ask("ready") == "first,plain-model"
        write(tmp_path, "kg/other.md", "# Other\n")
        await asker.goes("ready", "second,r")


async def test_should_the_watch_ever_end_the_log_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(*_given: object, **_named: object) -> None:
        raise ZeroDivisionError

    async with asking(tmp_path) as asker:
        monkeypatch.setattr(server.reload, "build", broken)
        write(tmp_path, "kg/ready.md", READY)
        while "edits are not noticed any more" not in capsys.readouterr().out:
            await asker.ask("ready")
