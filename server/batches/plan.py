"""Whether one provider would answer all of a batch, and works on batches itself."""

from __future__ import annotations

from collections.abc import Mapping

from haystacks.dialects.table import DIALECTS
from haystacks.errors import RolegraphError
from haystacks.file_sources import MARK
from haystacks.pool import Candidate, Haystack
from roles.extract import facts_of
from roles.live import AT_REST
from roles.route import route
from server.asking import read_request
from server.gateway import Gateway
from server.keys import ClientKey
from server.role_of import role_of


class Plan:
    """Routes the requests of a batch, one after another, for as long as they go to one haystack.

    ``against`` says why we do the work ourselves, empty where the provider may. Where
    the role has not asked for it (``batches: native``), ``asked`` is false.
    """

    def __init__(
        self, gateway: Gateway, client: ClientKey | None, headers: Mapping[str, str]
    ) -> None:
        self._gateway = gateway
        self._snapshot = gateway.snapshot
        self._client = client
        self._headers = headers
        self._haystack: Haystack | None = None
        self.against = ""
        self.asked = False

    @property
    def native(self) -> str:
        """The haystack's name, or nothing."""
        return self._haystack.name if self._haystack and not self.against else ""

    def add(self, body: bytes, role: str) -> tuple[str, str]:
        """Return the role of a request and the model that it goes to.

        Once the plan has come to nothing, the role as it was, and no model.
        """
        if self.against:
            return role, ""
        try:
            handle, candidate = self._routed(body, role)
        except RolegraphError as error:
            self.against = error.message
            return role, ""
        if candidate is None:
            return role, ""
        haystack = candidate.haystack
        if self._haystack is None:
            self._haystack = haystack
            self.against = _unfit(haystack)
        elif haystack.name != self._haystack.name:
            self.against = f"requests go to {self._haystack.name} and to {haystack.name}"
        if candidate.model.transformers:
            self.against = f"requests to {candidate} are transformed"
        return (role, "") if self.against else (handle, candidate.model.id)

    def _routed(self, body: bytes, role: str) -> tuple[str, Candidate | None]:
        request = read_request(DIALECTS["anthropic"], body, self._headers)
        facts = facts_of(
            request.canonical,
            self._headers,
            body_bytes=len(body),
            count=request.estimate.input,
        )
        view = role_of(
            self._snapshot,
            self._gateway.settings,
            facts,
            headers=self._headers,
            path_role=role,
            key=self._client,
        )
        if view.role.batches != "native":
            self.against = f"the role {view.role.handle} leaves batches to this server"
            return "", None
        self.asked = True
        if MARK in body:
            self.against = "requests name files that are kept here"
            return "", None
        if view.role.budget or (self._client and self._client.budget):
            self.against = "a budget counts each request as it begins"
            return "", None
        decision = route(facts, view, AT_REST)
        if decision.transforms:
            self.against = f"the concept {decision.concept} transforms requests"
            return "", None
        return view.role.handle, decision.candidates[0]


def _unfit(haystack: Haystack) -> str:
    """Return why a haystack can't be given a whole batch."""
    if haystack.service != "anthropic" or haystack.dialect != "anthropic":
        return f"requests go to {haystack.name}, which takes no batches"
    if haystack.simulated:
        return f"{haystack.name} is simulated"
    if haystack.passthrough:
        return f"{haystack.name} is paid by each client's own subscription"
    if haystack.transformers:
        return f"requests to {haystack.name} are transformed"
    return ""
