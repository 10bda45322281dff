"""The way out: TLS that is checked, and the proxy that the environment names."""

from __future__ import annotations

import asyncio
import shutil
import ssl
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from haystacks.errors import ConnectFailed
from haystacks.http import client as module
from haystacks.http.call import Call
from haystacks.http.client import HttpClient
from haystacks.http.proxy import Proxy, proxy_for
from haystacks.pool import Timeouts
from tests.haystacks.http.upstreams import listening, saying, served

HELLO = b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello"
VARIABLES = ("http_proxy", "https_proxy", "no_proxy", "all_proxy")


@pytest.fixture(autouse=True)
def no_proxy_yet(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    module._target.cache_clear()
    yield
    module._target.cache_clear()


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed")
    folder = tmp_path_factory.mktemp("tls")
    command = "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -keyout key.pem -out cert.pem"
    names = ["-subj", "/CN=upstream.test", "-addext", "subjectAltName=DNS:upstream.test"]
    subprocess.run([*command.split(), *names], cwd=folder, check=True, capture_output=True)
    return folder


def serving(certificate: Path) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate / "cert.pem", certificate / "key.pem")
    return context


@dataclass(slots=True)
class ProxySeen:
    """A proxy that leads every name to this machine, and what it was asked."""

    port: int
    asked: list[bytes] = field(default_factory=list)


@asynccontextmanager
async def proxying(status: bytes = b"200 Connection established") -> AsyncIterator[ProxySeen]:
    async def pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(65536):
            writer.write(data)
        writer.close()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        seen.asked.append(head)
        port = int(head.split(b" ")[1].split(b":")[1])
        writer.write(b"HTTP/1.1 " + status + b"\r\n\r\n")
        if status.startswith(b"200"):
            there, back = await asyncio.open_connection("127.0.0.1", port)
            try:
                await asyncio.gather(pump(reader, back), pump(there, writer))
            finally:
                back.transport.abort()

    async with served(serve) as port:
        seen = ProxySeen(port)
        yield seen


async def ask(url: str) -> bytes:
    client = HttpClient()
    try:
        return await (await client.send(Call(url, {}, b"{}", Timeouts()))).read()
    finally:
        await client.close()


async def test_a_certificate_that_nobody_vouches_for_is_refused(certificate: Path) -> None:
    async with listening(saying(HELLO), serving(certificate)) as upstream:
        with pytest.raises(ConnectFailed, match="certificate"):
            await ask(f"https://127.0.0.1:{upstream.port}/")
    assert upstream.heads == []


async def test_tls_goes_through_the_proxy_to_the_name_that_was_asked(
    certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate / "cert.pem"))
    async with listening(saying(HELLO), serving(certificate)) as upstream, proxying() as proxy:
        monkeypatch.setenv("HTTPS_PROXY", f"http://me:se%20cret@127.0.0.1:{proxy.port}")
        assert await ask(f"https://upstream.test:{upstream.port}/v1") == b"hello"
        with pytest.raises(ConnectFailed, match="certificate"):
            await ask(f"https://other.test:{upstream.port}/v1")
    assert proxy.asked[0].startswith(b"CONNECT upstream.test:%d HTTP/1.1" % upstream.port)
    assert b"Proxy-Authorization: Basic bWU6c2UgY3JldA==" in proxy.asked[0]
    assert b"me:" not in upstream.heads[0]


async def test_a_proxy_that_refuses_is_a_failed_connection(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with proxying(b"407 Proxy Authentication Required") as proxy:
        monkeypatch.setenv("HTTPS_PROXY", f"127.0.0.1:{proxy.port}")
        with pytest.raises(ConnectFailed, match="407"):
            await ask("https://upstream.test:1/")


async def test_plain_http_names_its_whole_address_to_the_proxy(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with listening(saying(HELLO)) as proxy:
        monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{proxy.port}")
        assert await ask("http://upstream.test:8080/v1?x=1") == b"hello"
    assert proxy.heads[0].startswith(b"POST http://upstream.test:8080/v1?x=1 HTTP/1.1\r\n")


def test_this_machine_and_what_no_proxy_names_are_reached_directly(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.test:3128")
    monkeypatch.setenv("NO_PROXY", "inside.test")
    assert proxy_for("https", "api.test") == Proxy("proxy.test", 3128)
    for host in ("localhost", "127.0.0.1", "::1", "inside.test", "deep.inside.test"):
        assert proxy_for("https", host) is None
    assert proxy_for("http", "api.test") is None
