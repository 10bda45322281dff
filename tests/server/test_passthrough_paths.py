"""Which paths pass, and which can't be made to."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from haystacks.passthrough import plain_path
from tests.platform_home import KEYS, Says, make_platform, passing
from tests.running import Running, running, write
from tests.standin import StandIn

VERSION = {"anthropic-version": "2026-10-21"}

TRICKS = [
    "/v1/../admin",
    "/v1/skills/../../admin",
    "/v1/skills/..%2f..%2fadmin",
    "/v1/skills/%2e%2e/messages",
    "/v1/skills/%252e%252e/messages",
    "/v1/skills/..;/messages",
    "/v1/skills/..",
    "/v1//messages",
    "/v1/skills//evil.example/x",
    "/v1/%2f%2fevil.example/",
    "/v1%2f@evil.example/",
    "/%761/skills",
    "/v1/skills%5c..%5cadmin",
    "/v1/messages/",
    "/v1/MESSAGES",
    "/v1/messages%252f",
    "/v1/chat%252fcompletions",
    "//evil.example/v1/skills",
    "/v1/skills/%25252525252e%25252525252e/messages",
]


@pytest.mark.parametrize("path", TRICKS)
async def test_no_spelling_of_a_path_leads_elsewhere_or_around_what_we_serve(
    tmp_path: Path, path: str
) -> None:
    async with passing(tmp_path) as (proxy, upstream, _):
        assert b" 404 " in await raw_answer(proxy, path)
    assert not upstream.requests


async def test_an_absolute_url_reaches_the_same_upstream(tmp_path: Path) -> None:
    async with passing(tmp_path) as (proxy, upstream, _):
        assert b" 200 " in await raw_answer(proxy, "http://evil.example/v1/skills")
    assert upstream.requests[0].headers["host"] in upstream.url


async def test_no_path_leads_from_a_location_of_a_host_alone_to_another_host(
    tmp_path: Path,
) -> None:
    async with StandIn((Says(),)) as asked, StandIn((Says(),)) as other:
        home = make_platform(tmp_path, asked.url)
        write(
            home,
            "haystacks/gpt.yaml",
            f"name: gpt\nservice: openai\nlocation: {asked.url}\nmodels: [gpt-x]\n",
        )
        async with running(home, environ=KEYS, role="gpt") as proxy:
            host = other.url.removeprefix("http://")
            assert b" 404 " in await raw_answer(proxy, f"/v1%2f@{host}/v1/models/x")
    assert not other.requests
    assert not asked.requests


async def raw_answer(proxy: Running, target: str) -> bytes:
    """Return the status line for a target that no HTTP client would write."""
    port = int(proxy.url.rpartition(":")[2])
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    head = f"GET {target} HTTP/1.1\r\nhost: 127.0.0.1\r\nanthropic-version: 1\r\n"
    writer.write(f"{head}connection: close\r\n\r\n".encode())
    status = await reader.readline()
    await reader.read()
    writer.close()
    return status


@pytest.mark.parametrize(
    ("path", "plain"),
    [
        ("/v1/skills/a%2Fb", "/v1/skills/a/b"),
        ("/v1/skills/a.b..c/...", "/v1/skills/a.b..c/..."),
        ("/v1/a/", "/v1/a"),
        ("/v1/./a", ""),
        ("/v1/a%00", ""),
    ],
)
def test_a_path_is_plain_unless_two_readers_could_differ(path: str, plain: str) -> None:
    assert plain_path(path) == plain


async def test_what_we_serve_with_another_method_is_refused_not_passed(tmp_path: Path) -> None:
    async with passing(tmp_path) as (_, upstream, client):
        for method, path, allowed in (
            ("GET", "/v1/messages", "POST"),
            ("PUT", "/v1/models", "GET"),
            ("GET", "/v1/responses", "POST"),
            ("PUT", "/v1/messages/batches", "GET, POST"),
            ("POST", "/v1/files/file_1", "DELETE, GET"),
        ):
            answer = await client.request(method, path, headers=VERSION)
            assert (answer.status_code, answer.headers["allow"]) == (405, allowed), path
    assert not upstream.requests
