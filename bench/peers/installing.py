"""Installs the peers into a folder, each in its own part of it and in its exact version, once."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from bench.peers.peer import Missing
from bench.peers.versions import CLAUDE_CODE_ROUTER, LITELLM, PORTKEY, PORTKEY_NODE_SERVER

_SECONDS: Final = 900


@dataclass(frozen=True, slots=True)
class Recipe:
    """What is wanted, as the file that says so, and the commands that make it so beside it."""

    file: str
    text: str
    commands: tuple[tuple[str, ...], ...]


def _npm(package: dict[str, Any]) -> Recipe:
    text = json.dumps({"private": True, **package}, indent=2)
    command = ("npm", "install", "--ignore-scripts", "--no-audit", "--no-fund", "--omit=dev")
    return Recipe("package.json", text, (command,))


def _pip(requirement: str) -> Recipe:
    make = (sys.executable, "-m", "venv", ".")
    fill = ("bin/python", "-m", "pip", "install", "--quiet", "-r", "requirements.txt")
    return Recipe("requirements.txt", requirement, (make, fill))


_ROUTER: Final = {"@musistudio/claude-code-router": CLAUDE_CODE_ROUTER}
_RECIPES: Final = {
    "claude-code-router": _npm({"dependencies": _ROUTER}),
    "portkey": _npm(
        {
            "dependencies": {"@portkey-ai/gateway": PORTKEY},
            "overrides": {"@hono/node-server": PORTKEY_NODE_SERVER},
        }
    ),
    "litellm": _pip(f"litellm[proxy]=={LITELLM}"),
}


def install(folder: Path) -> None:
    """Install what is not there yet in this version; what fails is told, and not there."""
    for name, recipe in _RECIPES.items():
        part = folder / name
        done = part / "installed"
        if done.exists() and done.read_text() == recipe.text:
            continue
        print(f"installing {name} into {part}", flush=True)
        part.mkdir(parents=True, exist_ok=True)
        done.unlink(missing_ok=True)
        (part / recipe.file).write_text(recipe.text)
        try:
            for command in recipe.commands:
                subprocess.run(command, cwd=part, check=True, capture_output=True, timeout=_SECONDS)
        except (OSError, subprocess.SubprocessError) as error:
            said = getattr(error, "stderr", None) or b""
            print(f"{name}: {error}\n{said.decode(errors='replace')[-500:]}", flush=True)
        else:
            done.write_text(recipe.text)


def installed(folder: Path | None, name: str, file: str) -> Path:
    """Return a file of an installed peer; raises Missing."""
    if folder is None or not (folder / name / "installed").exists():
        raise Missing("not installed; --install FOLDER does that")
    return (folder / name / file).absolute()
