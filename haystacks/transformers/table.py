"""Every transformer by its name."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final, Protocol

from haystacks.transformer import Form, Kind, Transformer
from haystacks.transformers import (
    annotate,
    cerebras,
    cleancache,
    customparams,
    deepseek,
    enhancetool,
    extrathinktag,
    forcereasoning,
    gemini,
    groq,
    maxcompletiontokens,
    maxtoken,
    openrouter,
    promptcache,
    reasoning,
    replace,
    sampling,
    streamoptions,
    tooluse,
)


class _Module(Protocol):
    """What a module of this folder offers; its docstring is the transformer's promise."""

    __name__: str
    __doc__: str | None

    @property
    def Options(self) -> type[Form]:  # noqa: N802 - a class
        ...

    def make(self, _options: Any, /) -> Transformer: ...


def _kind(module: _Module) -> Kind[Any]:
    name = module.__name__.rpartition(".")[2]
    return Kind(name, module.__doc__ or "", module.Options, module.make)


_MODULES: Final[tuple[_Module, ...]] = (
    maxtoken,
    maxcompletiontokens,
    sampling,
    customparams,
    streamoptions,
    cleancache,
    promptcache,
    reasoning,
    forcereasoning,
    extrathinktag,
    tooluse,
    enhancetool,
    deepseek,
    openrouter,
    groq,
    cerebras,
    gemini,
    replace,
    annotate,
)

KINDS: Final[Mapping[str, Kind[Any]]] = MappingProxyType(
    {kind.name: kind for kind in map(_kind, _MODULES)}
)
