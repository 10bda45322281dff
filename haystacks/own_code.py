"""Python files that users write themselves: run in this process, where that is allowed."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePosixPath
from types import ModuleType
from typing import Any, Final

from kg.codes import problem
from kg.problem import Problem

SETTING: Final = "ROLEGRAPH_ALLOW_CODE"


def not_allowed(path: str, what: str) -> Problem:
    """Return the problem of a file that is left alone, since code is not allowed."""
    return problem("RG320", path, 1, 1, f"the {what} is not loaded", f"set {SETTING}=1")


def run_file(text: bytes, path: str) -> Mapping[str, Any] | Problem:
    """Run a file, and return what it defines by name, or what is wrong with it."""
    module = ModuleType(PurePosixPath(path).stem)
    try:
        code = compile(text, path, "exec")
        exec(code, module.__dict__)  # noqa: S102 - the user allowed it, by a setting made for this
    except SyntaxError as error:
        at = (error.lineno or 1, error.offset or 1)
        return problem("RG321", path, *at, f"not Python: {error.msg}")
    except (Exception, SystemExit) as error:  # noqa: BLE001 - the user's code may raise anything
        return problem("RG321", path, 1, 1, f"it fails: {type(error).__name__}: {error}")
    return module.__dict__
