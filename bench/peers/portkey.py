"""Portkey's gateway: Node in production mode, headless, one process, no retries.

It logs errors alone. Its provider and the provider's address come with each
request. ``/v1/messages`` passes as it is; what it translates are chat
completions to Anthropic's Messages, the other way round than its peers.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Final

from bench.peers.installing import installed
from bench.peers.peer import Launch, Missing, Place, Program
from bench.peers.versions import PORTKEY

_FILE: Final = "node_modules/@portkey-ai/gateway/build/start-server.js"
# It has no setting for the address, and would listen to the whole network.
_LOOPBACK: Final = """\
const { Server } = require("node:net");
const listen = Server.prototype.listen;
Server.prototype.listen = function (port, host, ...rest) {
  return listen.call(this, port, "127.0.0.1", ...rest);
};
"""


def find(folder: Path | None) -> Program:
    """Return the installed program, or raise Missing."""
    if shutil.which("node") is None:
        raise Missing("node is not on this machine")
    return Program(installed(folder, "portkey", _FILE), PORTKEY)


def launch(program: Program, place: Place) -> Launch:
    """Let each request name the provider; the body is a chat completion as well."""
    loopback = place.folder / "loopback.cjs"
    loopback.write_text(_LOOPBACK)
    options = ("--headless", f"--port={place.port}")
    return Launch(
        ("node", "--require", str(loopback), str(program.path), *options),
        {"NODE_ENV": "production"},
        path="/v1/messages" if place.way == "same dialect" else "/v1/chat/completions",
        headers={
            "x-portkey-provider": "anthropic",
            "x-portkey-custom-host": f"{place.upstream}/v1",
        },
    )
