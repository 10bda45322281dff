"""Whose key it is, his file it is: for every other it is as if it weren't there."""

from __future__ import annotations

from pathlib import Path

from server.keys import create_key
from tests.running import make_home, running, user
from tests.server.files.uploading import ANTHROPIC, left, upload
from tests.standin import StandIn, refused_url

ODD_IDS = ["%2e%2e%2frolegraph.db", "..%2F..%2Fkeys.yaml", "incoming", "%00", "'%20OR%201"]


async def test_another_keys_file_is_as_unknown_as_none(tmp_path: Path) -> None:
    home = make_home(tmp_path, refused_url())
    mine, other = create_key(home, "mine"), create_key(home, "other")
    async with (
        running(home, require_keys="always") as proxy,
        proxy.client(**{"x-api-key": mine}) as me,
        proxy.client(**{"x-api-key": other}) as they,
        proxy.client(**ANTHROPIC) as nobody,
    ):
        stored = await upload(me, b"secret")
        absent = stored[:-1] + ("0" if stored[-1] != "0" else "1")
        for method, path in (("GET", ""), ("GET", "/content"), ("DELETE", "")):
            told = []
            for file_id in (stored, absent):
                answer = await they.request(method, f"/v1/files/{file_id}{path}")
                assert answer.status_code == 404
                told.append(answer.json()["error"]["message"].replace(file_id, ""))
            assert told[0] == told[1]
            assert (await nobody.request(method, f"/v1/files/{stored}{path}")).status_code == 401
        assert (await they.get("/v1/files")).json()["data"] == []
        assert (await they.get("/v1/files", params={"ids[]": stored})).json()["data"] == []
        assert (await me.get(f"/v1/files/{stored}/content")).content == b"secret"
        assert left(home) == [stored]


async def test_another_keys_file_is_in_no_message(tmp_path: Path) -> None:
    async with StandIn() as upstream:
        home = make_home(tmp_path, upstream.url)
        mine, other = create_key(home, "mine"), create_key(home, "other")
        async with (
            running(home, require_keys="always") as proxy,
            proxy.client(**{"x-api-key": mine}) as me,
            proxy.client(**{"x-api-key": other}) as they,
        ):
            stored = await upload(me, b"secret")
            document = {"type": "document", "source": {"type": "file", "file_id": stored}}
            body = user("") | {"messages": [{"role": "user", "content": [document]}]}
            refused = await they.post("/v1/messages", json=body)
            assert refused.status_code == 404
            assert stored in refused.json()["error"]["message"]
            assert upstream.requests == []
            assert (await me.post("/v1/messages", json=body)).status_code == 200
        assert b"secret" in upstream.requests[0].raw


async def test_an_id_is_no_path(tmp_path: Path) -> None:
    async with (
        running(make_home(tmp_path, refused_url())) as proxy,
        proxy.client(**ANTHROPIC) as client,
    ):
        for file_id in ODD_IDS:
            for method, path in (("GET", ""), ("GET", "/content"), ("DELETE", "")):
                answer = await client.request(method, f"/v1/files/{file_id}{path}")
                assert answer.status_code in {404, 405}, answer.text
    assert (tmp_path / "state/rolegraph.db").exists()
