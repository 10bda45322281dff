from __future__ import annotations

from collections.abc import Mapping

import pytest

from haystacks.file import read_haystack
from haystacks.form import HaystackForm
from haystacks.pool import Haystack, Price, Simulation, Timeouts

ENV = {"OPENROUTER_API_KEY": "secret-or", "SECOND_KEY": "secret-2"}
FULL = """\
name: Router
service: OpenRouter
location: https://openrouter.ai/api/v1/
path: /chat
api_key: ["${OPENROUTER_API_KEY}", "${SECOND_KEY}", "${THIRD_KEY}"]
headers: {X-Title: Mine, X-Trace: "${TRACE:-off}"}
models:
  - anthropic/claude-sonnet-4.5
  - id: my/model
    context_window: 1000
    max_output: 100
    price: {input: 1, output: 2.5, cache_read: 0.1}
    capabilities: [tools, images]
    quality: 0.9
timeouts: {connect: 1, idle: 30}
"""


def good(text: str, environ: Mapping[str, str] = ENV) -> Haystack:
    haystack, problems = read_haystack(text, "haystacks/spare.yaml", environ)
    assert problems == ()
    assert haystack is not None
    return haystack


def findings(text: str, environ: Mapping[str, str] = ENV) -> list[str]:
    return [str(p) for p in read_haystack(text, "h.yaml", environ)[1]]


def test_everything_that_a_file_says_is_in_the_haystack() -> None:
    haystack = good(FULL)
    assert (haystack.name, haystack.service) == ("router", "openrouter")
    assert haystack.location == "https://openrouter.ai/api/v1"
    assert haystack.path == "/chat"
    assert haystack.keys == ("secret-or", "secret-2")
    assert dict(haystack.headers) == {"x-title": "Mine", "x-trace": "off"}
    assert haystack.timeouts == Timeouts(connect=1, idle=30)
    mine = haystack.model("my/model")
    assert (mine.context_window, mine.max_output, mine.quality) == (1000, 100, 0.9)
    assert mine.price == Price(1, 2.5, 0.1)
    assert mine.capabilities == frozenset({"tools", "images"})


def test_what_a_model_leaves_out_is_known_from_the_price_list_or_unknown() -> None:
    model = good(FULL).model("anthropic/claude-sonnet-4.5")
    assert model.price is not None
    assert model.context_window is not None
    assert model.capabilities is None
    assert model.max_output is None
    assert good("service: openrouter\nmodels: [no/such]\n").model("no/such").price is None


@pytest.mark.parametrize(
    ("service", "location", "base"),
    [
        ("openai-compatible", "https://x.example/api/v1/", "https://x.example/api/v1"),
        ("openai-compatible", "https://x.example/v1/chat/completions", "https://x.example/v1"),
        ("anthropic-compatible", "https://x.example/api", "https://x.example/api"),
        ("anthropic-compatible", "https://x.example/v1/", "https://x.example"),
        ("anthropic-compatible", "https://x.example/v1/messages", "https://x.example"),
        ("openai-compatible", "${BASE:-https://x.example/v1}", "https://x.example/v1"),
        ("ollama", "https://x.example/v1/", "https://x.example"),
        ("ollama", "https://x.example/ollama/api/chat", "https://x.example/ollama"),
        ("ollama", "https://x.example/v1/chat/completions", "https://x.example"),
        ("ollama", "https://x.example/api", "https://x.example"),
        ("gemini", "https://x.example/v1beta/", "https://x.example/v1beta"),
        ("gemini", "https://x.example/v1beta/openai", "https://x.example/v1beta"),
        ("gemini", "https://x.example/v1/models/g:generateContent", "https://x.example/v1"),
    ],
)
def test_a_location_may_be_the_whole_endpoint(service: str, location: str, base: str) -> None:
    assert good(f"service: {service}\nlocation: {location}\n").location == base


def test_a_file_without_a_name_is_called_after_itself() -> None:
    assert good("service: ollama\n").name == "spare"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("service: openrouter\n", "OPENROUTER_API_KEY is not set"),
        ("service: openrouter\napi_key: ''\n", "OPENROUTER_API_KEY is not set"),
        ("service: ollama\napi_key: ''\n", ""),
        ("service: ollama\napi_key: ${MINE}\n", "MINE is not set"),
        ("service: openai\napi_key: ['${A}', '${B}']\n", "A and B are not set"),
        ("service: vllm\nlocation: https://${GPU_HOST}/v1\n", "GPU_HOST is not set"),
        ("service: vllm\nheaders: {x-tenant: '${TENANT}'}\n", "TENANT is not set"),
    ],
)
def test_what_is_not_set_makes_a_haystack_inactive_and_is_no_problem(
    text: str, reason: str
) -> None:
    assert good(text, {}).inactive == reason


def test_a_literal_key_is_reported_used_and_never_shown() -> None:
    text = "service: openrouter\napi_key: [sk-hidden-1, '${X:-sk-hidden-2}']\n"
    haystack, problems = read_haystack(text, "h.yaml", {})
    assert [(p.code, p.line, p.column, p.severity) for p in problems] == [
        ("RG210", 2, 11, "warning"),
        ("RG210", 2, 24, "warning"),
    ]
    assert haystack is not None
    assert haystack.keys == ("sk-hidden-1", "sk-hidden-2")
    assert "hidden" not in repr(haystack) + repr(problems) + str([p.as_dict() for p in problems])


@pytest.mark.parametrize(
    "text",
    [
        "service: [sk-hidden]\n",
        "service: openai\napi_key: {a: sk-hidden}\n",
        "service: openai\napi_key: sk-hidden\nmodels: 3\n",
        "service: openai\nlocation: https://user:sk-hidden@host/v1\n",
        "service: openai\nlocation: https://host/v1?key=sk-hidden\n",
        "service: openai\nheaders: {x-key: 'sk-hidden\\n'}\n",
        'service: openai\nheaders: {"x-key": "sk-hidden\\n"}\n',
    ],
)
def test_no_problem_quotes_a_secret(text: str) -> None:
    problems = read_haystack(text, "h.yaml", {})[1]
    assert "sk-hidden" not in repr(problems)


@pytest.mark.parametrize(
    ("text", "finding"),
    [
        ("name: a\nservice: openruter\n",
         'h.yaml:2:10 RG204 unknown service "openruter" (did you mean "openrouter"?)'),
        ("name: a\n", 'h.yaml:1:1 RG201 missing "service"'),
        ("service: ''\n",
         'h.yaml:1:10 RG201 "service": String should have at least 1 character'),
        ("name: a b\nservice: ollama\n",
         'h.yaml:1:7 RG201 "name": should hold no space, comma, colon or slash'),
        ("service: ollama\nmodels: [a, 3]\n",
         'h.yaml:2:13 RG201 "models.1": should be a model\'s id, or a mapping with an id'),
        ("service: openai-compatible\n",
         "h.yaml:1:10 RG201 openai-compatible needs a location:"),
        ("service: ollama\nlocation: localhost:11434\n",
         'h.yaml:2:11 RG201 "location": should be an http or https URL'),
        ("service: ollama\nlocation: http://[::1\n",
         'h.yaml:2:11 RG201 "location": should be a URL'),
        ("service: ollama\nmodle: [a]\n",
         'h.yaml:2:1 RG202 unknown key "modle" (did you mean "models"?)'),
        ("service: ollama\nmodels:\n- id: a\n  qualty: 1\n",
         'h.yaml:4:3 RG202 unknown key "qualty" (did you mean "quality"?)'),
        ("service: ollama\nsimulation: {fail: 500}\n",
         'h.yaml:2:1 RG201 "simulation": only for the service simulated, not for ollama'),
        ("service: simulated\nsimulation: {fail: 200}\n",
         'h.yaml:2:20 RG201 "simulation.fail": should be a status of 400 to 599, or 0'),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named_at_its_place_and_the_file_is_not_used(
    text: str, finding: str
) -> None:
    haystack, problems = read_haystack(text, "h.yaml", ENV)
    assert haystack is None
    assert [str(p) for p in problems] == [finding]


@pytest.mark.parametrize(
    ("text", "finding"),
    [
        ("service: ollama\nlocation: http://gpu.lan:11434/v1\n",
         "h.yaml:2:11 RG211 keys and prompts travel unencrypted over http (write https)"),
        ("service: ollama\nmodels: [a, b, a]\n",
         'h.yaml:2:16 RG213 the model "a" is listed twice'),
    ],
)  # fmt: skip
def test_what_is_doubtful_is_a_warning_and_the_file_is_used(text: str, finding: str) -> None:
    haystack, problems = read_haystack(text, "h.yaml", ENV)
    assert haystack is not None
    assert [(str(p), p.severity) for p in problems] == [(finding, "warning")]


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.8.0.1", "[::1]", "a.localhost"])
def test_plain_http_to_this_machine_is_fine(host: str) -> None:
    assert findings(f"service: vllm\nlocation: http://{host}:8000/v1/\n") == []


def test_every_problem_is_shown_at_once() -> None:
    text = "service: openai\nlocation: ftp://x\nmodels: [a, a]\nsimulation: {}\n"
    codes = [p.code for p in read_haystack(text, "h.yaml", ENV)[1]]
    assert codes == ["RG201", "RG213", "RG201"]


@pytest.mark.parametrize("service", ["Ripgrep", "Atomic", "QueryRs"])
def test_terraphims_own_haystacks_are_kept_and_inert(service: str) -> None:
    text = f"service: {service}\nlocation: docs/src\nread_only: true\nfetch_content: false\n"
    haystack = good(text)
    assert haystack.inactive == f"{service} serves no models"
    assert haystack.location == "docs/src"


def test_an_unknown_service_is_kept_inert_and_pointed_out() -> None:
    haystack, problems = read_haystack("service: Zzz9\nextra: 1\n", "h.yaml", {})
    assert haystack is not None
    assert haystack.inactive
    assert [(p.code, p.severity) for p in problems] == [("RG205", "warning")]


def test_a_simulated_provider_behaves_as_its_file_says() -> None:
    text = "service: simulated\nsimulation: {first_byte: 0.5, per_event: 0.01, fail: 529}\n"
    assert good(text).simulated == Simulation(0.5, 0.01, 529)
    assert good("service: simulated\n").simulated == Simulation()
    assert good("service: ollama\n").simulated is None
    [wrong] = findings("service: simulated\ndialect: ollama\n")
    assert wrong.endswith('"dialect": the simulated provider does not speak ollama')


def test_the_schema_documents_every_key() -> None:
    schema = HaystackForm.model_json_schema()
    forms = [schema, *schema["$defs"].values()]
    undocumented = [
        key
        for form in forms
        for key, value in form["properties"].items()
        if not value.get("description")
    ]
    assert undocumented == []
    model = schema["properties"]["models"]["items"]
    assert {"type": "string"} in model["anyOf"]


def test_a_file_may_choose_another_wire_format_than_its_service_has() -> None:
    assert good("service: openrouter\ndialect: anthropic\n").dialect == "anthropic"
    [wrong] = findings("service: openrouter\ndialect: telex\n")
    assert wrong.startswith("h.yaml:2:10 RG201")


def test_a_subscription_needs_no_key() -> None:
    haystack = good("service: anthropic\nauth: passthrough\n", {})
    assert (haystack.passthrough, haystack.keys, haystack.inactive) == (True, (), "")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("service: openai\nauth: passthrough\n", "only anthropic takes a subscription"),
        (
            "service: anthropic\nauth: passthrough\napi_key: ${SECOND_KEY}\n",
            "has no key of its own",
        ),
    ],
)
def test_a_subscription_where_it_can_not_be_is_found_at_load(text: str, told: str) -> None:
    [finding] = findings(text)
    assert "RG201" in finding
    assert told in finding


def test_only_an_anthropic_keeps_files_natively() -> None:
    assert good("service: anthropic\nfiles: native\n").native_files
    assert not good("service: anthropic\n").native_files
    [finding] = findings("service: openai\nfiles: native\n")
    assert "h.yaml:2:8 RG201" in finding
    assert "only anthropic keeps them natively" in finding
