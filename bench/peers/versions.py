"""Which versions of the peers are installed, written down so that two runs can be compared."""

from __future__ import annotations

from typing import Final

# The newest that runs on Node 20; its packages from 3 on want Node 22.
CLAUDE_CODE_ROUTER: Final = "2.0.0"
PORTKEY: Final = "1.15.2"
# With anything newer Portkey answers each stream with an error (its issue 1389).
PORTKEY_NODE_SERVER: Final = "1.14.1"
# The newest whose own exact pins could all be had when this was written.
LITELLM: Final = "1.104.5"
