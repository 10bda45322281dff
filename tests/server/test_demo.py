"""A demo costs nothing, also afterwards."""

from __future__ import annotations

import json
from pathlib import Path

import httpx

from server.demo import demo_settings
from server.settings import read_settings
from tests.running import make_home, user
from tests.server.program import invoke, started

NOWHERE = "http://127.0.0.1:9"


def test_real_providers_never_get_what_a_demo_has_left(tmp_path: Path) -> None:
    home = make_home(tmp_path, NOWHERE)
    entries = [{"custom_id": f"a-{n}", "params": user("hello")} for n in range(300)]
    with started("demo", cwd=home) as server:
        sent = httpx.post(f"{server.url}/v1/messages/batches", json={"requests": entries})
        assert sent.status_code == 200
        server.process.kill()
    with started("serve", cwd=home, TEST_KEY="k") as server:
        assert httpx.get(f"{server.url}/v1/messages/batches").json()["data"] == []


def test_what_a_demo_costs_is_no_part_of_the_real_usage(tmp_path: Path) -> None:
    home = make_home(tmp_path, NOWHERE)
    real = home / "real.db"
    variables = {"ROLEGRAPH_DATABASE_URL": f"sqlite:///{real}"}
    with started("demo", cwd=home, **variables) as server:
        assert httpx.post(f"{server.url}/v1/messages", json=user("hello")).status_code == 200
        server.stop()
    shown = invoke("usage", "--simulate", "--json", cwd=home, **variables)
    assert json.loads(shown.stdout)["total"]["requests"] == 1
    assert not real.exists()
    refused = invoke("usage", cwd=home)
    assert refused.returncode == 1
    assert refused.stderr.rstrip().endswith("rolegraph usage --simulate")


def test_a_demo_shares_nothing_with_a_fleet(tmp_path: Path) -> None:
    shared = {"redis_url": "redis://localhost", "blobs": "s3://bucket", "workers": 4}
    fleet = read_settings(tmp_path, **shared, port=5)
    alone = demo_settings(tmp_path, fleet)
    assert (alone.redis_url, alone.blobs, alone.workers, alone.port) == ("", "", 1, 5)
