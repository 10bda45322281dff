"""Terraphim's JSON, ``roles/role-*.json``: one role, or a whole configuration of roles.

The fields are those of Terraphim's ``Role`` and ``Config``, which let any other
key stand. The routing keys of a YAML role file may stand beside them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from posixpath import normpath
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from kg.document import Document, Keys, read_document, validate
from kg.problem import Problem
from roles.file import Routing, to_role
from roles.pair import Text
from roles.role import Role, Strategy


class _Open(BaseModel):
    model_config = ConfigDict(extra="allow")


class LocalKnowledgeGraph(_Open):
    """A folder of markdown files."""

    input_type: str = Field(
        default="markdown", description="markdown; anything else is kept, and inert"
    )
    path: str = Field(description="a folder, relative to the home or absolute")


class KnowledgeGraph(_Open):
    """Where the role's concepts come from."""

    automata_path: JsonValue = Field(
        default=None, description="a prepared thesaurus; has no effect yet"
    )
    knowledge_graph_local: LocalKnowledgeGraph | None = Field(default=None, description="a folder")
    public: bool = Field(default=False, description="kept, and inert")
    publish: bool = Field(default=False, description="kept, and inert")


class TerraphimHaystack(_Open):
    """A place that Terraphim searches. ``Ripgrep`` names a folder of concepts."""

    location: str = Field(description="a folder or a URL")
    service: str = Field(description="Ripgrep; every other service is kept, and inert")


class LlmRouterConfig(_Open):
    """How Terraphim would route."""

    enabled: bool = Field(default=True, description="false: concepts are not asked")
    strategy: Strategy | None = Field(default=None, description="as in a YAML role file")
    taxonomy_path: str | None = Field(default=None, description="a folder of concepts")


class TerraphimRole(Routing):
    """One of Terraphim's roles."""

    model_config = ConfigDict(extra="allow")

    relevance_function: str = Field(default="title-scorer", description="kept, and inert")
    terraphim_it: bool = Field(default=False, description="kept, and inert")
    theme: str = Field(default="default", description="kept, and inert")
    kg: KnowledgeGraph | None = Field(default=None, description="where its concepts come from")
    haystacks: list[Text] | list[TerraphimHaystack] = Field(
        default=[], description="Terraphim's haystacks, or names of ours; none of ours: all of them"
    )
    llm_router_config: LlmRouterConfig | None = Field(default=None, description="how it routes")
    extra: dict[str, Any] = Field(default={}, description="kept, and inert")


class TerraphimConfig(_Open):
    """Terraphim's whole configuration; only its roles count here."""

    roles: dict[str, TerraphimRole] = Field(description="the roles by name")
    selected_role: str | None = Field(
        default=None, description="the role of requests that name none"
    )
    default_role: str | None = Field(default=None, description="the same, where none is selected")


def read_terraphim(text: str, path: str) -> tuple[tuple[Role, ...], tuple[Problem, ...]]:
    """Read the roles of a JSON file: none where it is wrong, and every problem of it."""
    document = read_document(text, path, "RG100")
    if isinstance(document, Problem):
        return (), (document,)
    if "roles" not in document.data:
        file, problems = validate(document, TerraphimRole, wrong="RG101", unknown="RG102")
        files: dict[Keys, TerraphimRole] = {} if file is None else {(): file}
        selected = ""
    else:
        config, problems = validate(document, TerraphimConfig, wrong="RG101", unknown="RG102")
        files = {("roles", name): file for name, file in config.roles.items()} if config else {}
        selected = (config and (config.selected_role or config.default_role)) or ""
    roles = tuple(
        replace(_role(file, document, at), selected=file.name == selected)
        for at, file in files.items()
    )
    idle = (
        problem
        for role, file in zip(roles, files.values(), strict=True)
        for problem in _unread_thesaurus(role, file)
    )
    return roles, (*problems, *idle)


def _role(file: TerraphimRole, document: Document, at: Keys) -> Role:
    role = to_role(file, document, at)
    role = replace(
        role,
        kg=tuple(dict.fromkeys(normpath(folder) for folder in _folders(file))) or role.kg,
        haystacks=tuple(entry for entry in file.haystacks if isinstance(entry, str)),
    )
    router = file.llm_router_config
    if router and router.strategy:
        role = replace(role, strategy=router.strategy)
    if router and not router.enabled:
        role = replace(role, phases=tuple(phase for phase in role.phases if phase != "pattern"))
    return role


def _folders(file: TerraphimRole) -> Iterator[str]:
    if file.kg and file.kg.knowledge_graph_local:
        yield file.kg.knowledge_graph_local.path
    for entry in file.haystacks:
        if isinstance(entry, TerraphimHaystack) and entry.service.lower() == "ripgrep":
            yield entry.location
    if file.llm_router_config and file.llm_router_config.taxonomy_path:
        yield file.llm_router_config.taxonomy_path


def _unread_thesaurus(role: Role, file: TerraphimRole) -> Iterator[Problem]:
    if file.kg and file.kg.automata_path is not None:
        message = "a prepared thesaurus has no effect yet: name a folder of markdown files"
        yield role.problem("RG105", ("kg", "automata_path"), message)
