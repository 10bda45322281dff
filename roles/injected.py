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
_OPEN = re.compile(rf"<(?:({'|'.join(_TAGS)})>|<<BEGIN_(OPENCLAW_INTERNAL_CONTEXT)>>>)")
_NOTES = (
    "<command-args>",
    "</command-args>",
    "[Request interrupted by user]",
    "[Request interrupted by user for tool use]",
)
# Lines that stand alone in a block, without any mark.
_ALONE = {"Tool loaded."}


def written(text: str) -> str:
    """Return what is left for the user's own words, trimmed; may be empty.

    A block that is opened and never closed is the user's own text.
    """
    if "<" in text or "[" in text:  # which a person's own words seldom hold
        text = _without_blocks(text)
        for note in _NOTES:
            text = text.replace(note, " ")
    text = text.strip()
    return "" if text in _ALONE else text


def injected(text: str) -> list[tuple[int, int]]:
    """Return where the blocks begin and end that a client has put into a text."""
    spans: list[tuple[int, int]] = []
    at = 0
    # What is never closed is looked for once: a text of nothing but openings stays cheap.
    unclosed: set[str] = set()
    while block := _OPEN.search(text, at):
        at = block.end()
        close = f"</{block[1]}>" if block[1] else f"<<<END_{block[2]}>>>"
        if close in unclosed:
            continue
        end = text.find(close, at)
        if end < 0:
            unclosed.add(close)
            continue
        at = end + len(close)
        spans.append((block.start(), at))
    return spans


def _without_blocks(text: str) -> str:
    kept: list[str] = []
    last = 0
    for start, end in injected(text):
        kept.append(text[last:start])
        last = end
    return " ".join([*kept, text[last:]]) if kept else text
