"""What clients put into a user's message that the user never wrote."""

from __future__ import annotations

import re

# Blocks that Claude Code and Codex wrap into tags. What a user typed as the arguments of
# a command stands in <command-args>, and stays.
_TAGS = (
    "system-reminder",
    "command-name",
    "command-message",
    "local-command-stdout",
    "local-command-stderr",
    "local-command-caveat",
    "user-prompt-submit-hook",
    "session-start-hook",
    "bash-input",
    "bash-stdout",
    "bash-stderr",
    "environment_context",
    "user_instructions",
    "turn_aborted",
    "INSTRUCTIONS",
)
# What opens a block, and, where the block's end can't be told from it, the end.
_OPEN = re.compile(rf"<(?:({'|'.join(_TAGS)})>|<<BEGIN_(OPENCLAW_INTERNAL_CONTEXT)>>>)")
_NOTES = re.compile(r"</?command-args>|\[Request interrupted by user(?: for tool use)?\]")
# Lines that stand alone in a block, without any mark.
_ALONE = {"Tool loaded."}


def written(text: str) -> str:
    """Return what is left for the user's own words, trimmed; may be empty.

    A block that is opened and never closed is the user's own text.
    """
    if "<" in text or "[Request" in text:
        text = _NOTES.sub(" ", _without_blocks(text))
    text = text.strip()
    return "" if text in _ALONE else text


def _without_blocks(text: str) -> str:
    kept: list[str] = []
    start = at = 0
    while block := _OPEN.search(text, at):
        close = f"</{block[1]}>" if block[1] else f"<<<END_{block[2]}>>>"
        end = text.find(close, block.end())
        if end < 0:
            at = block.end()
            continue
        kept.append(text[start : block.start()])
        start = at = end + len(close)
    return " ".join([*kept, text[start:]]) if kept else text
