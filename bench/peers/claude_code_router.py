"""claude-code-router: Node in production mode, one process, its log off, no fallbacks.

Its router counts the tokens of each request and takes the default model. With
the Anthropic transformer alone it passes bodies on as they are; without one it
translates to chat completions.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Final

from bench.peers.installing import installed
from bench.peers.peer import Launch, Missing, Place, Program
from bench.peers.versions import CLAUDE_CODE_ROUTER

_FILE: Final = "node_modules/@musistudio/claude-code-router/dist/cli.js"


def find(folder: Path | None) -> Program:
    """Return the installed program, or raise Missing."""
    if shutil.which("node") is None:
        raise Missing("node is not on this machine")
    return Program(installed(folder, "claude-code-router", _FILE), CLAUDE_CODE_ROUTER)


def launch(program: Program, place: Place) -> Launch:
    """Write the configuration below the home, which is the peer's own folder."""
    same = place.way == "same dialect"
    provider = {
        "name": "provider",
        "api_base_url": place.upstream + ("/v1/messages" if same else "/v1/chat/completions"),
        "api_key": "bench",
        "models": ["model-a"],
        "transformer": {"use": ["Anthropic"] if same else []},
    }
    configuration = {
        "HOST": "127.0.0.1",
        "PORT": place.port,
        "LOG": False,
        "NON_INTERACTIVE_MODE": True,
        "Providers": [provider],
        "Router": {"default": "provider,model-a"},
    }
    file = place.folder / ".claude-code-router" / "config.json"
    file.parent.mkdir()
    file.write_text(json.dumps(configuration))
    return Launch(("node", str(program.path), "start"), {"NODE_ENV": "production"})
