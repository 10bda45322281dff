"""``POST /v1/experimental/...``: Anthropic's prompt tools, for the models of every role."""

from __future__ import annotations

from typing import Any, Final

import orjson
from pydantic import BaseModel, ValidationError
from starlette.types import Receive, Scope, Send

from haystacks.dialect import Json
from haystacks.dialects.table import DIALECTS
from haystacks.errors import BadAnswer, BadRequest, RolegraphError
from haystacks.passthrough import native
from server.api.form import amiss
from server.asking import ask_aside
from server.departure import ClientLeft, WhileClientStays, departure_of
from server.exchange import encode_headers, parse_object, read_body, read_headers, send_whole
from server.failure import error_answer
from server.front import PATH_ROLE
from server.gateway import Gateway
from server.keys import ClientKey, owner_of
from server.passing import passing, relay, role_of_scope
from server.prompt_tools.task import OtherForm, Task
from server.prompt_tools.tools import TOOLS
from server.record import Record

# Anthropic retired its own in August 2026, and before that not every key was let in.
_NOT_THERE: Final = frozenset({403, 404, 410})
# Said to Anthropic's tools, not to its models.
_NOT_FOR_MODELS: Final = ("anthropic-beta", "content-length")
# Bytes of a body: no model writes a longer prompt anew.
_LONGEST: Final = 1024 * 1024


class PromptTool:
    """The endpoint of one tool, as a plain ASGI application.

    Anthropic itself is asked where the role has it, and its answer passes. Where
    it no longer has the tool, and everywhere else, the role's model does it with our instructions.
    """

    def __init__(self, gateway: Gateway, name: str) -> None:
        self._gateway = gateway
        self._form, self._task = TOOLS[name]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; what goes wrong is told as Anthropic would."""
        record = Record("prompt_tools")
        gateway = self._gateway
        try:
            headers = read_headers(scope)
            client = gateway.admit(headers)
            record.key, record.at = owner_of(client), gateway.clock()
            limit = min(_LONGEST, gateway.settings.max_body)
            body = await read_body(receive, headers, limit)
            task = self._read(body)
            if await self._passed(scope, send, headers, body, client, record):
                return
            with WhileClientStays(departure_of(scope)):
                asked, status, answer = await self._ask(scope, headers, client, task)
            pairs = [("content-type", "application/json"), *asked.headers()]
            if asked.error and asked.error.final:
                pairs.append(("x-should-retry", "false"))
            await send_whole(send, status, encode_headers(pairs), answer)
        except ClientLeft:
            record.status, record.outcome = 499, "client_left"
        except RolegraphError as error:
            if record.answer is not None:
                record.error, record.outcome = error, "broken"
                return  # the head is out: only a cut connection is honest now
            record.refused(error)
            await send_whole(send, *error_answer(error, DIALECTS["anthropic"], record))
        finally:
            if record.status:  # what the models were asked has its own records
                record.end()
                gateway.ledger.add(record)

    def _read(self, body: bytes) -> Task:
        try:
            form: BaseModel = self._form.model_validate(parse_object(body))
        except ValidationError as error:
            raise BadRequest(amiss(error)) from error
        return self._task(form)

    async def _passed(
        self,
        scope: Scope,
        send: Send,
        headers: dict[str, str],
        body: bytes,
        client: ClientKey | None,
        record: Record,
    ) -> bool:
        """Let Anthropic answer; false where it can't."""
        gateway = self._gateway
        view = role_of_scope(gateway, scope, headers, client)
        haystack = native(view.offer.own, "anthropic", headers)
        if haystack is None:
            return False
        async with passing(
            gateway, scope, headers, body, haystack, view=view, client=client
        ) as reply:
            if reply.status in _NOT_THERE:
                return False
            record.role = view.role.handle
            await relay(reply, haystack, send, record)
        return True

    async def _ask(
        self, scope: Scope, headers: dict[str, str], client: ClientKey | None, task: Task
    ) -> tuple[Record, int, bytes]:
        """Ask the role's model, and once more if it answers in another form than it was asked for.

        Returns the record of the last time, with the status and the body for the client. Raises
        ``BadAnswer`` if neither was of use.
        """
        own = {name: value for name, value in headers.items() if name not in _NOT_FOR_MODELS}
        used: list[Any] = []
        amiss = ""
        for _ in range(2):
            record, body = await ask_aside(
                self._gateway,
                task.request(amiss),
                own,
                client,
                surface="prompt_tools",
                path_role=scope.get(PATH_ROLE, ""),
            )
            if record.error is not None:
                return record, record.status, body
            message: Json = orjson.loads(body)
            used.append(_counts(message))
            try:
                answer = task.answer(message)
            except OtherForm as odd:
                amiss = str(odd)
            else:
                return record, 200, orjson.dumps({**answer, "usage": used})
        error = BadAnswer(
            f"the model answered twice in another form than it was asked for: {amiss}"
        )
        error.final = True
        raise error


def _counts(message: Json) -> Json:
    usage = message.get("usage") or {}
    return {name: usage.get(name, 0) for name in ("input_tokens", "output_tokens")}
