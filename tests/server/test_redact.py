"""No secret reaches the log, whatever stands around it."""

from __future__ import annotations

import json
import string

from hypothesis import example, given
from hypothesis import strategies as st

from server.redact import HIDDEN, redact_headers, redact_text

ALNUM = string.ascii_letters + string.digits


def chars(alphabet: str, least: int, most: int) -> st.SearchStrategy[str]:
    return st.text(alphabet, min_size=least, max_size=most)


# Shaped as the providers shape theirs.
SECRETS = st.one_of(
    st.builds("sk-ant-api03-{}".format, chars(ALNUM + "-_", 30, 90)),
    st.builds("sk-proj-{}".format, chars(ALNUM + "-_", 30, 90)),
    st.builds("sk-or-v1-{}".format, chars("0123456789abcdef", 64, 64)),
    st.builds("gsk_{}".format, chars(ALNUM, 50, 52)),
    st.builds("xai-{}".format, chars(ALNUM, 40, 80)),
    st.builds("csk-{}".format, chars(ALNUM, 40, 48)),
    st.builds("rg-{}".format, chars(ALNUM + "-_", 43, 43)),
    st.builds("AIzaSy{}".format, chars(ALNUM + "-_", 33, 33)),
    st.builds("ghp_{}".format, chars(ALNUM, 36, 36)),
    st.builds("github_pat_{}".format, chars(ALNUM + "_", 60, 80)),
    st.builds("AKIA{}".format, chars(string.ascii_uppercase + string.digits, 16, 16)),
    st.builds("xoxb-{}".format, chars(ALNUM + "-", 20, 50)),
    st.builds("hf_{}".format, chars(ALNUM, 34, 34)),
)
AROUND = st.text(st.characters(codec="utf-8"), max_size=20)
# What may stand next to a secret; a letter before it would make it another word.
BEFORE = st.sampled_from([" ", '"', "'", "=", ": ", "\n", "(", "key ", "Bearer ", "/", "ü "])
AFTER = st.sampled_from(["", " ", '"', "'", "\n", ")", ",", ".", "\\n", "&x=1", "ü"])


@given(AROUND, BEFORE, SECRETS, AFTER, AROUND)
@example("", "_", "sk-ant-api03-" + "a" * 40, "_", "")
def test_a_secret_in_any_text_is_taken_out(
    left: str, before: str, secret: str, after: str, right: str
) -> None:
    clean = redact_text(f"{left}{before}{secret}{after}{right}")
    assert secret not in clean
    assert HIDDEN in clean


@given(
    st.sampled_from(["api_key", "apiKey", "password", "access_token", "client_secret", "TOKEN"]),
    chars(ALNUM + "!#$%+/.:@^~", 8, 40),
)
def test_a_value_that_its_name_calls_secret_is_taken_out(name: str, value: str) -> None:
    body = json.dumps({"a": 1, name: value, "b": "kept"})
    assert value not in redact_text(body)
    assert '"kept"' in redact_text(body)
    inside = json.dumps({"content": body})
    assert value not in redact_text(inside)
    for text in (f"{name}={value}", f"export {name}='{value}'", f"{name}: {value}"):
        assert value not in redact_text(text)


@given(SECRETS, st.sampled_from(["authorization", "x-api-key", "cookie", "x-goog-api-key", "x-y"]))
def test_a_secret_in_any_header_is_taken_out(secret: str, name: str) -> None:
    clean = redact_headers({name: f"Bearer {secret}", "accept": "*/*"})
    assert secret not in str(clean)
    assert clean["accept"] == "*/*"


def test_a_private_key_is_taken_out_whole_also_where_it_is_cut_off() -> None:
    whole = "-----BEGIN RSA PRIVATE KEY-----\nMIIabc\n-----END RSA PRIVATE KEY-----"
    assert redact_text(f"a {whole} b") == f"a {HIDDEN} b"
    assert redact_text("a -----BEGIN PRIVATE KEY-----\nMIIabc") == f"a {HIDDEN}"
    assert "MIIabc" not in redact_text(json.dumps({"text": whole}))


def test_a_token_of_json_is_taken_out() -> None:
    token = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.c2lnbmF0dXJl"
    assert redact_text(f"token {token}.") == f"token {HIDDEN}."


@given(st.lists(st.text(string.ascii_lowercase, min_size=1, max_size=12), max_size=12))
def test_ordinary_words_stay_as_they_are(words: list[str]) -> None:
    text = " ".join(words)
    assert redact_text(text) == text


def test_a_long_text_without_secrets_is_read_in_linear_time() -> None:
    for text in ("sk-" * 200_000, "-----BEGIN " * 50_000, "eyJ" * 100_000, "key=" * 100_000):
        redact_text(text)
