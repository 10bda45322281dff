"""How a family of models counts: its encoding, its factor and what it makes of images."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from haystacks.encodings import EncodingName
from haystacks.image_size import Size


@dataclass(frozen=True, slots=True)
class Tokenizer:
    """What turns a text or an image into a number of tokens for one family of models.

    ``factor`` stretches the encoding's count to that of a tokenizer that is not
    public. ``tool_prompt`` is what the provider adds as soon as there are tools.
    An image is scaled down to ``image_edge`` pixels and ``image_tokens`` tokens.
    """

    encoding: EncodingName = "o200k_base"
    factor: float = 1.0
    tool_prompt: int = 0
    image_edge: int = 1568
    image_tokens: int = 1568

    def of_image(self, size: Size | None) -> int:
        """Return the tokens of an image: one for each 28 x 28 pixels, after scaling it down.

        That is Anthropic's rule (platform.claude.com, "Vision"), near to width x
        height / 750. An image of unknown size costs what the largest one does.
        """
        if size is None or min(size) <= 0:
            return self.image_tokens
        long, short = max(size), min(size)
        if long <= self.image_edge and _patches(long, short) <= self.image_tokens:
            return _patches(long, short)
        # The largest whole number of patches along the long edge that fits both limits.
        edges = range(min(long, self.image_edge) // _PATCH * _PATCH, 0, -_PATCH)
        fitting = (_patches(edge, edge * short / long) for edge in edges)
        return next((tokens for tokens in fitting if tokens <= self.image_tokens), 1)


_PATCH = 28


def _patches(width: float, height: float) -> int:
    return int(-(-width // _PATCH) * -(-height // _PATCH))


# Claude's tokenizers are not public. Published comparisons find 16 to 30 % more tokens than
# OpenAI's up to Claude 4.6, and Anthropic's "Token counting" names about 30 % more on top from
# Opus 4.7 on. The tool prompt (346 tokens) is in its "Tool use" pricing table.
_CLAUDE = Tokenizer(factor=1.2, tool_prompt=346)
_NEW_CLAUDE = Tokenizer(factor=1.56, tool_prompt=346, image_edge=2576, image_tokens=4784)
_OLD_OPENAI = Tokenizer("cl100k_base")
_ANY = Tokenizer()

_CLAUDE_VERSION = re.compile(r"claude[-a-z]*?-(\d+)(?:[-.](\d)(?!\d))?")
_OLD_OPENAI_NAME = re.compile(r"(^|/)(gpt-3\.5|gpt-4(?!o|\.\d)|text-embedding-)")


@lru_cache(maxsize=1024)
def tokenizer(model: str) -> Tokenizer:
    """Return the way in which this model counts; what is unknown counts as OpenAI's do today."""
    name = model.lower()
    if "claude" in name:
        version = _CLAUDE_VERSION.search(name)
        old = version and (int(version[1]), int(version[2] or 0)) < (4, 7)
        return _CLAUDE if old else _NEW_CLAUDE
    return _OLD_OPENAI if _OLD_OPENAI_NAME.search(name) else _ANY
