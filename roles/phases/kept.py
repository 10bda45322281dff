"""What goes before the phases: a pin of the session, and the model of a turn that goes on."""

from __future__ import annotations

from haystacks.pool import Candidate
from roles.decision import Skipped
from roles.facts import Facts
from roles.filters import closed, listed, sift, unfit
from roles.lane import NOBODY, Key
from roles.live import Live
from roles.phases.answer import Answer, Pass
from roles.phases.explicit import named_chain
from roles.pin import pin_of
from roles.view import View


def pinned(facts: Facts, view: View, live: Live) -> Answer | Pass | None:
    """Answer with what the session is pinned to, by this request or before; ``None`` if it is not.

    Raises ``NotFound`` where the request pins to a haystack that there is not.
    """
    asked = pin_of(facts.headers)
    pin = asked or (live.session.pin if live.session and asked is None else NOBODY)
    if pin == NOBODY:
        return None
    chain = named_chain(*pin, view) if asked else view.offer.find(*pin)
    fit, skipped = sift(chain, facts, live)
    name = ",".join(pin)
    if not fit:
        return Pass(f'the pin "{name}" can\'t hold: {listed(skipped)}', tuple(skipped))
    return Answer(tuple(fit), f'the session is pinned to "{name}"', skipped=tuple(skipped))


def kept(facts: Facts, view: View, live: Live) -> Answer | Pass | None:
    """Answer with the candidate of the turn that a request continues; ``None`` where none does.

    Its chain stands behind it, and in its place while it is closed. What the
    role may use since does not matter, as long as the haystack is there.
    """
    lane = live.session.going_on(facts) if live.session else None
    if lane is None or lane.turn.candidate == NOBODY:
        return None
    turn = lane.turn
    own = _candidate(turn.candidate, view)
    why = own.reason if isinstance(own, Skipped) else unfit(own, facts)
    if isinstance(own, Skipped) or why:
        skipped = (Skipped(",".join(turn.candidate), why),)
        return Pass(f"the turn can't go on with {listed(skipped)}", skipped)
    fit, out = sift([_candidate(key, view) for key in turn.chain], facts, live)
    reason = "the turn goes on with its own model"
    if shut := closed(own, live):
        out = [Skipped(str(own), shut), *out]
        reason = f"the turn goes on with the next of its chain, as {own} is closed: {shut}"
    else:
        fit = [own, *fit]
    if not fit:
        return Pass(f"nothing of the turn's chain is open: {listed(out)}", tuple(out))
    return Answer(
        tuple(fit),
        reason,
        concept=turn.concept,
        scenario=turn.scenario,
        skipped=tuple(out),
        transforms=turn.transforms,
    )


def _candidate(key: Key, view: View) -> Candidate | Skipped:
    """Return a candidate as the snapshot has it, also one that no role lists any more."""
    name, model = key
    haystack = view.offer.known.get(name.lower())
    if haystack is None:
        return Skipped(f"{name},{model}", "unknown haystack")
    if haystack.inactive:
        return Skipped(f"{name},{model}", f"inactive: {haystack.inactive}")
    return Candidate(haystack, haystack.model(model))
