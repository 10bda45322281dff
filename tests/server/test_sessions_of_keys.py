"""Whose sessions a key sees."""

from __future__ import annotations

from pathlib import Path

from server.keys import create_key
from tests.running import make_home, running, user
from tests.standin import StandIn
from tests.talk import looking


async def test_a_key_sees_and_forgets_no_other_keys_sessions(tmp_path: Path) -> None:
    mine, other = create_key(tmp_path, "mine"), create_key(tmp_path, "other")
    async with (
        StandIn(looking) as upstream,
        running(make_home(tmp_path, upstream.url), require_keys="always") as server,
    ):
        async with server.client(**{"x-api-key": mine}) as client:
            asked = user("plan mode, please")
            answer = await client.post("/v1/messages", json=asked, headers={"x-session-id": "a/b"})
            own = await client.get("/api/sessions/a/b")
        async with server.client(**{"x-api-key": other}) as client:
            listed = (await client.get("/api/sessions")).json()
            shown = await client.get(f"/api/sessions/{own.json()['key']}")
            gone = await client.delete("/api/sessions/a/b")
            body = {"decision_id": answer.headers["request-id"], "score": -1}
            judged = await client.post("/api/feedback", json=body)
    assert own.status_code == 200
    assert listed == {"sessions": [], "total": 0}
    assert (shown.status_code, gone.status_code, judged.status_code) == (404, 404, 404)
