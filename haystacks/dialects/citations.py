"""What an answer cites from the web: Anthropic's citations and OpenAI's annotations.

A citation belongs to a block of text, an annotation to a stretch of the message.
So OpenAI's clients are told the stretch of the whole block. On the way back the
stretch is lost: in a stream its text was told before the annotation came.
"""

from __future__ import annotations

from typing import Any, Final

from haystacks.dialect import Json

_WEB: Final = {"web_search_result_location": "url", "search_result_location": "source"}
"""Kinds of citations that may name an address, and where; all others are of documents."""


def encode_citations(citations: Any, start: int, end: int) -> list[Json]:
    """Return the annotations, as Responses has them, of a text from ``start`` to ``end``.

    Citations of documents (by page, character or block) have no form there.
    """
    found = (_annotation(each, start, end) for each in _objects(citations))
    return [annotation for annotation in found if annotation]


def _annotation(citation: Json, start: int, end: int) -> Json | None:
    url = citation.get(_WEB.get(str(citation.get("type")), ""))
    if not isinstance(url, str) or not url.startswith(("https://", "http://")):
        return None
    return {
        "type": "url_citation",
        "start_index": start,
        "end_index": end,
        "url": url,
        "title": _text(citation.get("title")),
    }


def nested(annotation: Json) -> Json:
    """Return an annotation as chat completions have it."""
    cited = {key: value for key, value in annotation.items() if key != "type"}
    return {"type": annotation["type"], annotation["type"]: cited}


def decode_annotations(annotations: Any) -> list[Json]:
    """Return the citations, each once, of annotations in either form of OpenAI's.

    Those of files have no form here, and are passed over.
    """
    found: list[Json] = []
    for annotation in _objects(annotations):
        kind = annotation.get("type")
        cited = annotation.get("url_citation", annotation) if kind == "url_citation" else None
        if not isinstance(cited, dict) or not isinstance(cited.get("url"), str):
            continue
        citation = web_citation(cited["url"], cited.get("title"), cited.get("content"))
        if citation not in found:
            found.append(citation)
    return found


def web_citation(url: str, title: Any, excerpt: Any = "") -> Json:
    """Return a citation of a page.

    The empty index tells that no search of Anthropic's has found the page.
    """
    return {
        "type": "web_search_result_location",
        "url": url,
        "title": _text(title),
        "cited_text": _text(excerpt),
        "encrypted_index": "",
    }


def _objects(value: Any) -> list[Json]:
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
