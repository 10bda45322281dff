"""Terraphim's own JSON."""

import json
from typing import Any

from roles.role import DEFAULT_PHASES, Role
from roles.terraphim import read_terraphim

ENGINEER: dict[str, Any] = {
    "shortname": "TerraEng",
    "name": "Terraphim Engineer",
    "relevance_function": "terraphim-graph",
    "terraphim_it": True,
    "theme": "lumen",
    "kg": {
        "automata_path": None,
        "knowledge_graph_local": {"input_type": "markdown", "path": "./docs/src/kg/"},
        "public": True,
        "publish": True,
    },
    "haystacks": [
        {
            "location": "docs/src",
            "service": "Ripgrep",
            "read_only": True,
            "atomic_server_secret": None,
            "extra_parameters": {},
        },
        {"location": "https://query.rs", "service": "QueryRs"},
    ],
    "extra": {"llm_provider": "ollama", "ollama_model": "llama3.2:3b"},
    "llm_system_prompt": "You are an engineer.",
    "llm_router_enabled": True,
    "llm_router_config": {
        "enabled": True,
        "mode": "library",
        "proxy_url": None,
        "taxonomy_path": "docs/taxonomy",
        "cost_optimization_enabled": True,
        "strategy": "quality_first",
    },
}


def read(data: dict[str, Any]) -> tuple[Role, ...]:
    roles, problems = read_terraphim(json.dumps(data, indent="\t"), "roles/role-engineer.json")
    assert not problems
    return roles


def test_a_role_is_accepted_unchanged() -> None:
    (role,) = read(ENGINEER)
    assert (role.name, role.shortname) == ("Terraphim Engineer", "TerraEng")
    assert role.kg == ("docs/src/kg", "docs/src", "docs/taxonomy")
    assert role.strategy == "quality_first"
    assert role.haystacks == ()


def test_a_role_without_a_folder_knows_all_of_the_homes_concepts() -> None:
    (role,) = read({"name": "Default", "kg": None, "haystacks": [], "extra": {}})
    assert role.kg == ("kg",)


def test_a_whole_configuration_gives_all_its_roles_and_the_selected_one() -> None:
    config = {
        "id": "Server",
        "global_shortcut": "Ctrl+Shift+T",
        "roles": {"Default": {"name": "Default"}, "Terraphim Engineer": ENGINEER},
        "default_role": "Default",
        "selected_role": "Terraphim Engineer",
    }
    assert [(role.name, role.selected) for role in read(config)] == [
        ("Default", False),
        ("Terraphim Engineer", True),
    ]


def test_a_router_that_is_switched_off_does_not_ask_concepts() -> None:
    (role,) = read({"name": "Off", "llm_router_config": {"enabled": False}})
    assert role.phases == tuple(phase for phase in DEFAULT_PHASES if phase != "pattern")


def test_our_routing_keys_may_stand_beside_theirs() -> None:
    own = {"haystacks": ["local"], "scenarios": {"default": ["local", "qwen"]}}
    (role,) = read({**ENGINEER, **own})
    assert role.haystacks == ("local",)
    assert role.scenarios["default"][0].model == "qwen"


def test_what_is_wrong_in_one_role_of_many_is_said_at_its_place() -> None:
    text = '{"roles": {\n  "A": {"name": "A",\n    "kg": 5}}}'
    roles, (found,) = read_terraphim(text, "roles/role-a.json")
    assert roles == ()
    assert (found.code, found.line, found.column) == ("RG101", 3, 11)


def test_a_prepared_thesaurus_is_accepted_and_said_to_have_no_effect() -> None:
    data = {"name": "A", "kg": {"automata_path": {"remote": "https://example.org/t.json"}}}
    roles, (found,) = read_terraphim(json.dumps(data), "roles/role-a.json")
    assert len(roles) == 1
    assert (found.code, found.severity) == ("RG105", "warning")
