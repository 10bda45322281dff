"""Reads one haystack file into the pool that the other rooms know."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import PurePosixPath
from types import MappingProxyType

from haystacks import prices
from haystacks.dialects.table import DIALECTS
from haystacks.form import HaystackForm, ModelForm, SearchForm
from haystacks.location import base_url, check_url, is_loopback
from haystacks.pool import (
    NO_LIMITS,
    Haystack,
    Model,
    Price,
    Simulation,
    Timeouts,
    Tolerance,
)
from haystacks.presets import PRESETS, SEARCH_SERVICES, Preset
from haystacks.steps import Step, read_steps
from haystacks.transformer import Kinds, Transformer
from haystacks.transformers.table import KINDS
from haystacks.variables import fill
from kg.codes import problem
from kg.document import Document, Keys, did_you_mean, read_document, validate
from kg.problem import Problem, has_errors

Read = tuple[Haystack | None, tuple[Problem, ...]]


def read_haystack(text: str, path: str, environ: Mapping[str, str], kinds: Kinds = KINDS) -> Read:
    """Return the haystack, unless the file has errors, and every problem of the file.

    A key, header or location whose variable is not set makes the haystack
    inactive, which is no problem. No problem ever quotes a key. ``kinds`` are
    the transformers that the file may name.
    """
    document = read_document(text, path, "RG200")
    if isinstance(document, Problem):
        return None, (document,)
    service = document.data.get("service")
    if isinstance(service, str) and service and service.casefold() not in PRESETS:
        return _read_search(document, service)
    form, problems = validate(document, HaystackForm, wrong="RG201", unknown="RG202")
    if form is None:
        return None, problems
    return _Reader(document, form, environ, kinds).read()


def _stem(path: str) -> str:
    return PurePosixPath(path).stem.lower()


def _read_search(document: Document, service: str) -> Read:
    """Keep what is no provider of models as a haystack that is never active."""
    known = service.casefold() in SEARCH_SERVICES
    at = (document.path, *document.locate(("service",)))
    if not known and (hint := did_you_mean(service, PRESETS)):
        return None, (problem("RG204", *at, f'unknown service "{service}"', hint),)
    form, problems = validate(document, SearchForm, wrong="RG201", unknown="RG202")
    if form is None:
        return None, problems
    if not known:
        hint = "for any other URL, write openai-compatible or anthropic-compatible"
        problems = (problem("RG205", *at, f'unknown service "{service}"', hint),)
    haystack = Haystack(
        name=(form.name or _stem(document.path)).lower(),
        service=service.casefold(),
        dialect="openai_chat",
        location=form.location,
        inactive=f"{service} serves no models",
    )
    return haystack, problems


class _Reader:
    """Turns one valid form into a haystack, and notes what is wrong beyond its form."""

    def __init__(
        self,
        document: Document,
        form: HaystackForm,
        environ: Mapping[str, str],
        kinds: Kinds,
    ) -> None:
        self._kinds = kinds
        self._document = document
        self._form = form
        self._environ = environ
        self._service = form.service.casefold()
        self._preset: Preset = PRESETS[self._service]
        self._dialect = form.dialect or self._preset.dialect
        self._problems: list[Problem] = []
        self._missing: dict[str, None] = {}  # a set that keeps its order

    def read(self) -> Read:
        form = self._form
        location, keys, headers = self._location(), self._keys(), self._headers()
        models = self._models()
        simulated = self._simulation()
        health = self._health()
        self._check_files()
        transformers = self._steps(form.transformers, ("transformers",))
        problems = tuple(sorted(self._problems))
        if has_errors(problems):
            return None, problems
        haystack = Haystack(
            name=(form.name or _stem(self._document.path)).lower(),
            service=self._service,
            dialect=self._dialect,
            location=location,
            path=form.path,
            keys=keys,
            passthrough=form.auth == "passthrough",
            native_files=form.files == "native",
            headers=headers,
            models=models,
            transformers=transformers,
            limits=form.limits.limits() if form.limits else NO_LIMITS,
            timeouts=Timeouts(**form.timeouts.model_dump()) if form.timeouts else Timeouts(),
            health=health,
            inactive=_not_set(self._missing),
            simulated=simulated,
        )
        return haystack, problems

    def _note(
        self,
        code: str,
        keys: tuple[str | int, ...],
        message: str,
        hint: str = "",
    ) -> None:
        line, column = self._document.locate(keys)
        self._problems.append(problem(code, self._document.path, line, column, message, hint))

    def _fill(self, text: str) -> str:
        filled = fill(text, self._environ)
        self._missing.update(dict.fromkeys(filled.missing))
        return filled.text

    def _location(self) -> str:
        if self._form.location is None:
            if not self._preset.location and self._service != "simulated":
                self._note("RG201", ("service",), f"{self._service} needs a location:")
            return self._preset.location
        if fill(self._form.location, self._environ).missing:
            self._fill(self._form.location)
            return ""
        location = base_url(self._fill(self._form.location), self._dialect)
        wrong, host = check_url(location)
        if wrong:
            self._note("RG201", ("location",), f'"location": {wrong}')
        elif location.startswith("http:") and not is_loopback(host):
            message = "keys and prompts travel unencrypted over http"
            self._note("RG211", ("location",), message, "write https")
        return location

    def _keys(self) -> tuple[str, ...]:
        written = self._form.api_key
        if self._form.auth == "passthrough":
            self._check_passthrough()
            return ()
        if written is None:
            variable = self._preset.key_variable
            return (self._fill(f"${{{variable}}}"),) if variable else ()
        several = isinstance(written, list)
        keys: list[str] = []
        missing: dict[str, None] = {}
        for index, text in enumerate(written if isinstance(written, list) else [written]):
            filled = fill(text, self._environ)
            if filled.written:
                variable = self._preset.key_variable or "API_KEY"
                hint = f"put it into .env, and write ${{{variable}}} here"
                place = ("api_key", index) if several else ("api_key",)
                self._note("RG210", place, "a key stands in the file itself", hint)
            missing.update(dict.fromkeys(filled.missing))
            if filled.text and not filled.missing:
                keys.append(filled.text)
        if not keys:  # one key of a list is enough
            usual = [self._preset.key_variable] if self._preset.key_variable else []
            self._missing.update(missing or dict.fromkeys(usual))
        return tuple(keys)

    def _check_passthrough(self) -> None:
        if self._dialect != "anthropic":
            message = f'"auth": only anthropic takes a subscription, not {self._service}'
            self._note("RG201", ("auth",), message)
        if self._form.api_key is not None:
            message = '"api_key": a haystack with auth: passthrough has no key of its own'
            self._note("RG201", ("api_key",), message)

    def _check_files(self) -> None:
        if self._form.files and self._service != "anthropic":
            message = f'"files": only anthropic keeps them natively, not {self._service}'
            self._note("RG201", ("files",), message)

    def _headers(self) -> Mapping[str, str]:
        own = {name.lower(): self._fill(value) for name, value in self._form.headers.items()}
        return MappingProxyType({**self._preset.headers, **own})

    def _models(self) -> tuple[Model, ...]:
        models: dict[str, Model] = {}
        for index, form in enumerate(self._form.models):
            if form.id in models:
                self._note("RG213", ("models", index), f'the model "{form.id}" is listed twice')
            steps = self._steps(form.transformers, ("models", index, "transformers"))
            models.setdefault(form.id, _model(self._service, form, steps))
        return tuple(models.values())

    def _steps(self, steps: list[Step], at: Keys) -> tuple[Transformer, ...]:
        made, problems = read_steps(self._document, steps, at, self._kinds)
        self._problems += problems
        return made

    def _health(self) -> Tolerance:
        form = self._form.health
        if form is None:
            return Tolerance()
        if form.probe and self._form.auth == "passthrough":
            message = '"health.probe": a haystack with auth: passthrough has no key to probe with'
            self._note("RG201", ("health", "probe"), message)
        if form.eject > form.eject_most:
            message = '"health.eject": is longer than the longest, "eject_most"'
            self._note("RG201", ("health", "eject"), message)
        return Tolerance(**form.model_dump())

    def _simulation(self) -> Simulation | None:
        form = self._form.simulation
        if self._service != "simulated":
            if form is not None:
                message = f'"simulation": only for the service simulated, not for {self._service}'
                self._note("RG201", ("simulation",), message)
            return None
        if self._dialect not in DIALECTS:
            message = f'"dialect": the simulated provider does not speak {self._dialect}'
            self._note("RG201", ("dialect",), message)
        if form is None:
            return Simulation()
        if form.fail and not 400 <= form.fail <= 599:
            message = '"simulation.fail": should be a status of 400 to 599, or 0'
            self._note("RG201", ("simulation", "fail"), message)
        return Simulation(**form.model_dump())


def _model(service: str, form: ModelForm, transformers: tuple[Transformer, ...]) -> Model:
    known = prices.lookup(service, form.id)
    return Model(
        id=form.id,
        context_window=form.context_window or known.context_window,
        max_output=form.max_output,
        price=Price(**form.price.model_dump()) if form.price else known.price,
        capabilities=None if form.capabilities is None else frozenset(form.capabilities),
        quality=form.quality,
        transformers=transformers,
    )


def _not_set(missing: Iterable[str]) -> str:
    names = list(missing)
    if not names:
        return ""
    return f"{' and '.join(names)} {'is' if len(names) == 1 else 'are'} not set"
