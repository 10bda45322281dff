"""What routing knows of a request."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import field

from kg.value import value


@value
class Facts:
    """Everything the phases may ask. ``tokens`` is a call: counting is dear, and cached.

    ``token_bound`` is never less than ``tokens()`` and costs nothing: a token
    is at least one byte of the body. ``images`` tells that the history holds one,
    which any model that is asked must be able to see, and ``new_images`` that it
    came with the newest words or since. ``thinking`` is more than a client's
    default; ``web_search`` is a tool that the provider itself must run.
    ``text`` is the newest that the user wrote; ``continues_turn`` tells that
    tools have answered since. ``session``, ``conversation`` (one of a session: the
    main one, a subagent's) and ``turn`` (one of a conversation) are fingerprints or ids.
    """

    text: str
    model: str = ""
    tokens: Callable[[], int] = field(default=lambda: 0, repr=False)
    token_bound: int = 0
    max_tokens: int | None = None
    tools: bool = False
    images: bool = False
    new_images: bool = False
    thinking: bool = False
    web_search: bool = False
    continues_turn: bool = False
    session: str = ""
    conversation: str = ""
    turn: str = ""
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)

    def longer_than(self, tokens: int) -> bool:
        """Tell whether the request has more tokens; counts only where the bound can't tell."""
        return self.token_bound > tokens and self.tokens() > tokens
