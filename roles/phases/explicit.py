"""Phase 0: what the client, or a mapping of the role, asks for by name."""

from __future__ import annotations

from typing import Final

from haystacks.errors import NoCandidate, NotFound
from roles.facts import Facts
from roles.filters import Chain, listed, sift
from roles.live import Live
from roles.phases.answer import Answer, Pass
from roles.phases.pattern import of_concept
from roles.resolve import AUTO, role_of_model
from roles.role import ModelMapping
from roles.view import View

# Characters. What was called is remembered by its name, and a client may write megabytes.
_LONGEST: Final = 256


def explicit(facts: Facts, view: View, live: Live) -> Answer | Pass:
    """Answer what is asked for by name: ``haystack,model``, a mapping's target, a plain model.

    Raises ``NotFound`` for a haystack that there is not, and ``NoCandidate``
    where the model that was named can't take the request: who names a model
    wants that one or none. A mapping whose target is not open passes on.
    """
    asked = facts.model
    if not asked or asked.lower() == AUTO or role_of_model(asked):
        return Pass("no model is named")
    named = split_name(asked, view)
    if named is not None:
        return _exactly(asked, named_chain(*named, view), facts, live)
    for glob, mapping in view.mappings:
        if glob.match(asked):
            return _mapped(asked, mapping, facts, view, live)
    if plain := view.plain.get(asked):
        return _exactly(asked, plain, facts, live)
    return Pass(f'"{asked}" is a plain model name')


def split_name(asked: str, view: View) -> tuple[str, str] | None:
    """Return haystack and model. A colon only counts after a haystack: model names hold them."""
    haystack, comma, model = asked.partition(",")
    if not comma:
        haystack, colon, model = asked.partition(":")
        if not colon or haystack.strip().lower() not in view.offer.known:
            return None
    return haystack.strip(), model.strip()


def named_chain(haystack: str, model: str, view: View) -> Chain:
    """Return what a client's haystack and model stand for. Raises ``NotFound``."""
    known, name = view.offer.known, haystack.lower()
    if name not in known and all(name != each.service.lower() for each in view.offer.own):
        names = ", ".join(sorted(each.name for each in known.values()))
        raise NotFound(f'unknown haystack "{haystack}"; the haystacks are: {names}')
    if not model:
        raise NotFound(f'no model is named after "{haystack}"')
    if len(model) > _LONGEST:
        raise NotFound(f"a model's name has at most {_LONGEST} characters")
    return view.offer.find(haystack, model)


def _exactly(asked: str, chain: Chain, facts: Facts, live: Live) -> Answer:
    # What is closed at the moment is asked all the same; what can't be paid is not.
    fit, skipped = sift(chain, facts, Live(allowance=live.allowance))
    if not fit:
        raise NoCandidate(f'"{asked}" can\'t take this request: {listed(skipped)}')
    reason = f'the client named "{asked}"'
    return Answer(tuple(fit), reason, skipped=tuple(skipped), exact=True)


def _mapped(
    asked: str, mapping: ModelMapping, facts: Facts, view: View, live: Live
) -> Answer | Pass:
    reason = f'the role maps "{asked}"'
    if mapping.concept:
        return of_concept(mapping.concept, f"{reason} to {mapping.concept}", 1.0, facts, view, live)
    if mapping.target:
        chain = view.offer.chain(mapping.target.haystack, mapping.target.model)
    else:
        chain = view.scenarios.get(mapping.scenario, ())
    fit, skipped = sift(chain, facts, live)
    if not fit:
        return Pass(f"{reason}, to nothing that is open", tuple(skipped))
    return Answer(tuple(fit), reason, scenario=mapping.scenario, skipped=tuple(skipped))
