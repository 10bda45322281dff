"""Reads the haystacks of a home."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

from haystacks.file import Read, read_haystack
from haystacks.pool import Haystack
from haystacks.transformers.own import OwnTransformers
from haystacks.transformers.own import load as load_own
from kg.codes import problem
from kg.document import Document, read_document
from kg.problem import Problem

_SUFFIXES = {".yaml", ".yml"}


@dataclass(frozen=True, slots=True)
class Haystacks:
    """Every haystack of a home by name, in the order of the files, and what is wrong with them.

    ``knowledge`` are the folders that Terraphim's Ripgrep haystacks search: the
    knowledge graph reads them too. ``own`` holds the transformers that can be
    named. ``sources`` remember what each file said under ``environ``, for the
    next load.
    """

    by_name: Mapping[str, Haystack]
    problems: tuple[Problem, ...]
    knowledge: tuple[Path, ...]
    own: OwnTransformers
    sources: Mapping[str, tuple[str, Read]] = field(repr=False)
    environ: Mapping[str, str] = field(repr=False)


def load(
    home: Path,
    environ: Mapping[str, str],
    previous: Haystacks | None = None,
    *,
    allow_code: bool = False,
) -> Haystacks:
    """Read ``haystacks/*.yaml`` and ``*.yml`` below the home, by file name.

    A file that says what it said in ``previous``, under the same environment
    and with the same transformers, is not parsed again. With ``allow_code`` the
    user's own transformers are loaded before. Of two haystacks with one name the first file's is
    kept. A file that vanishes meanwhile was never there.
    """
    own = load_own(home, previous.own if previous else None, allowed=allow_code)
    same = previous and previous.environ == environ and previous.own.kinds == own.kinds
    remembered = previous.sources if previous and same else {}
    sources: dict[str, tuple[str, Read]] = {}
    problems: list[Problem] = list(own.problems)
    owners: dict[str, str] = {}
    by_name: dict[str, Haystack] = {}
    for file in _files(home / "haystacks"):
        path = file.relative_to(home).as_posix()
        text = _text(file, path)
        if isinstance(text, Problem):
            problems.append(text)
        if not isinstance(text, str):
            continue
        before = remembered.get(path)
        known = before[1] if before and before[0] == text else None
        read = known or read_haystack(text, path, environ, own.kinds)
        sources[path] = text, read
        haystack, wrong = read
        problems += wrong
        if haystack is None:
            continue
        if haystack.name in by_name:
            message = f'"{haystack.name}" is the name of {owners[haystack.name]} already'
            problems.append(problem("RG203", path, *_place_of_name(text, path), message))
            continue
        owners[haystack.name] = path
        by_name[haystack.name] = haystack
    knowledge = tuple(
        home / Path(haystack.location).expanduser()
        for haystack in by_name.values()
        if haystack.service == "ripgrep" and haystack.location
    )
    return Haystacks(
        MappingProxyType(by_name), tuple(problems), knowledge, own, sources, dict(environ)
    )


def _text(file: Path, path: str) -> str | Problem | None:
    try:
        return file.read_text("utf-8-sig")
    except FileNotFoundError:
        return None
    except UnicodeDecodeError:
        return problem("RG200", path, 1, 1, "the file is not UTF-8 text")
    except OSError as error:
        return problem("RG200", path, 1, 1, f"the file can't be read: {error.strerror}")


def _files(folder: Path) -> list[Path]:
    try:
        found = list(folder.iterdir())
    except (FileNotFoundError, NotADirectoryError):
        return []
    # Editors keep their half-written copies in hidden files.
    yaml = (file for file in found if file.suffix in _SUFFIXES and not file.name.startswith("."))
    return sorted(file for file in yaml if not file.is_dir())


def _place_of_name(text: str, path: str) -> tuple[int, int]:
    document = read_document(text, path, "RG200")
    return document.locate(("name",)) if isinstance(document, Document) else (1, 1)
