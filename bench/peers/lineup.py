"""Who is measured, in the order of the table."""

from __future__ import annotations

from typing import Final

from bench.peers import claude_code_router, litellm, nginx, ours, portkey
from bench.peers.peer import Peer

OURS: Final = "Rolegraph"
ROUTER: Final = "claude-code-router"

PEERS: Final = (
    Peer("nginx", "same dialect", nginx.find, nginx.launch, "a plain proxy"),
    Peer(OURS, "same dialect", ours.find, ours.launch),
    Peer(ROUTER, "same dialect", claude_code_router.find, claude_code_router.launch),
    Peer("Portkey", "same dialect", portkey.find, portkey.launch),
    Peer("LiteLLM", "same dialect", litellm.find, litellm.launch),
    Peer(OURS, "translated", ours.find, ours.launch),
    Peer(ROUTER, "translated", claude_code_router.find, claude_code_router.launch),
    Peer("Portkey", "translated", portkey.find, portkey.launch, "from chat completions"),
    Peer("LiteLLM", "translated", litellm.find, litellm.launch),
)
