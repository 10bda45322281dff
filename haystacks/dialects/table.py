"""Every dialect by its name."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from haystacks.dialect import Dialect
from haystacks.dialects.anthropic import dialect as anthropic
from haystacks.dialects.openai_chat import dialect as openai_chat
from haystacks.pool import DialectName

DIALECTS: Final[Mapping[DialectName, Dialect]] = MappingProxyType(
    {"anthropic": anthropic, "openai_chat": openai_chat}
)
