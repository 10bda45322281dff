"""The keys that clients show, kept as hashes in ``keys.yaml`` of the home."""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import yaml
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from haystacks.form import LimitsForm
from haystacks.pool import NO_LIMITS, Limits
from kg.codes import problem
from kg.document import did_you_mean, read_document, validate
from kg.problem import Problem
from roles.budget import Budget
from roles.budget_form import BudgetForm
from roles.resolve import AUTO

FILE = "keys.yaml"
PREFIX = "rg-"


@dataclass(frozen=True, slots=True)
class ClientKey:
    """A key by its name and SHA-256; the key itself is shown once and kept nowhere.

    From the moment ``expires`` on it opens nothing any more. A fast hash is enough:
    keys are 256 random bits, nothing to guess.
    """

    name: str
    sha256: str
    role: str = ""
    budget: Budget | None = None
    limits: Limits = NO_LIMITS
    expires: datetime | None = None

    def expired(self, now: float) -> bool:
        """Tell whether it opens nothing any more, in Unix time."""
        return self.expires is not None and now >= self.expires.timestamp()


def owner_of(key: ClientKey | None) -> str:
    """Return whose files and batches a client sees: its key's, or nobody's where none is known."""
    return key.name if key else ""


def _in_utc(moment: datetime) -> datetime:
    """Return a moment in UTC; one without a zone is meant so."""
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)


class KeyEntry(BaseModel):
    """One key in the file."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(min_length=1)
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    role: str = ""
    budget: BudgetForm | None = None
    limits: LimitsForm | None = None
    expires: Annotated[datetime, AfterValidator(_in_utc)] | None = None

    def key(self) -> ClientKey:
        """Return the key."""
        return ClientKey(
            self.name,
            self.sha256,
            self.role,
            self.budget.budget() if self.budget else None,
            self.limits.limits() if self.limits else NO_LIMITS,
            self.expires,
        )


class KeyFile(BaseModel):
    """The file ``keys.yaml``."""

    model_config = ConfigDict(extra="forbid")

    keys: list[KeyEntry] = []


def find_key(shown: str, keys: Iterable[ClientKey]) -> ClientKey | None:
    """Return the key that was shown, in a time that does not tell how near a guess was."""
    digest = _digest(shown)
    found: ClientKey | None = None
    for key in keys:
        if hmac.compare_digest(digest, key.sha256):
            found = key
    return found


def read_keys(home: Path) -> tuple[tuple[ClientKey, ...], tuple[Problem, ...]]:
    """Return the keys of a home; a missing file holds none."""
    try:
        text = (home / FILE).read_text(encoding="utf-8")
    except FileNotFoundError:
        return (), ()
    except UnicodeDecodeError:
        return (), (problem("RG310", FILE, 1, 1, "the file is not UTF-8 text"),)
    except OSError as error:
        return (), (problem("RG310", FILE, 1, 1, f"the file can't be read: {error.strerror}"),)
    document = read_document(text, FILE, "RG310")
    if isinstance(document, Problem):
        return (), (document,)
    entries, problems = validate(document, KeyFile, wrong="RG311", unknown="RG312")
    if entries is None:
        return (), problems
    return tuple(entry.key() for entry in entries.keys), problems


def without_role(keys: Iterable[ClientKey], roles: Iterable[str]) -> Iterator[Problem]:
    """Yield a problem for each key whose role is none of the names, which are in lower case."""
    known = {"", AUTO, *roles}
    for key in keys:
        name = key.role.strip().lower()
        if name not in known:
            message = f'the key "{key.name}" has the unknown role "{key.role}"'
            yield problem("RG313", FILE, 1, 1, message, did_you_mean(name, known))


def create_key(
    home: Path,
    name: str,
    role: str = "",
    *,
    budget: Budget | None = None,
    limits: Limits = NO_LIMITS,
    expires: datetime | None = None,
) -> str:
    """Add a key to the home's file and return it.

    Raises ``ValueError`` for a name in use, and for one that nobody could read in a list.
    """
    if not name.strip() or not name.isprintable():
        raise ValueError("a key needs a name, of characters that can be seen")
    keys, problems = read_keys(home)
    if problems:
        raise ValueError(str(problems[0]))
    if any(key.name == name for key in keys):
        raise ValueError(f'a key named "{name}" exists already')
    shown = PREFIX + secrets.token_urlsafe(32)
    key = ClientKey(name, _digest(shown), role, budget, limits, expires)
    write_keys(home, (*keys, key))
    return shown


def write_keys(home: Path, keys: Iterable[ClientKey]) -> None:
    """Write the file in one step, readable by its owner only."""
    entries = [_set(asdict(key)) for key in keys]
    temporary = home / f".{FILE}.{os.getpid()}"
    with open(temporary, "w", encoding="utf-8", opener=_private) as file:
        yaml.safe_dump({"keys": entries}, file, sort_keys=False)
    temporary.replace(home / FILE)


def _set(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields that say something, those inside of others too."""
    plain = {key: _set(each) if isinstance(each, dict) else each for key, each in fields.items()}
    return {key: each for key, each in plain.items() if each not in (None, "", {})}


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _digest(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()
