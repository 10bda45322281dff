"""The pages of the documentation, and what stands in them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[2]

_FENCE: Final = re.compile(r"^```(\S*)(?: +(\S+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block. ``file`` is the file of a home that it stands for, or empty."""

    language: str
    file: str
    text: str

    @property
    def is_program(self) -> bool:
        """Whether it is to be run as it stands."""
        return self.language == "python" and not self.file


@dataclass(frozen=True, slots=True)
class Page:
    """A markdown file; ``name`` is its path from the root of the repository."""

    name: str
    text: str

    @property
    def blocks(self) -> list[Block]:
        """The fenced blocks, in order."""
        return [Block(lang, file or "", text) for lang, file, text in _FENCE.findall(self.text)]

    @property
    def prose(self) -> str:
        """The page without its fenced blocks."""
        return _FENCE.sub("", self.text)

    @property
    def examples(self) -> Iterator[tuple[str, Block]]:
        """Yield each command whose answer follows it, with that answer."""
        blocks = self.blocks
        for block, answer in pairwise(blocks):
            if block.language == "sh" and answer.language in {"json", "text", "http"}:
                yield block.text, answer


PAGES: Final = tuple(
    Page(path.relative_to(ROOT).as_posix(), path.read_text(encoding="utf-8"))
    for path in (ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").glob("*.md")))
)
EVERYTHING: Final = "\n".join(page.text for page in PAGES)


def rows(text: str) -> list[list[str]]:
    """Return the cells of each row of each table, heads left out."""
    lines = [line.strip() for line in text.splitlines()]
    return [
        [cell.strip().replace(r"\|", "|") for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
        for line, after in zip(lines, [*lines[1:], ""], strict=True)
        if line.startswith("|") and not line.startswith("|--") and not after.startswith("|--")
    ]
