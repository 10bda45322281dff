"""The application: every endpoint in its place, and what runs beside them."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable
from contextlib import asynccontextmanager
from typing import Any

import structlog
from fastapi import FastAPI
from starlette.routing import Route
from starlette.types import ASGIApp

from haystacks import tokens
from haystacks.dialects.table import DIALECTS
from haystacks.health.probe import probing
from haystacks.http.client import HttpClient
from haystacks.pool import Haystack
from haystacks.upstream import sender
from server.api import (
    batches,
    files,
    health,
    management,
    models,
    root,
    route,
    sessions,
    text_completions,
    usage,
)
from server.api.completions import Completions
from server.api.count_tokens import CountTokens
from server.api.embeddings import Embeddings
from server.api.errors import install_error_handlers
from server.api.passthrough import Passthrough
from server.api.prompt_tools import PromptTool
from server.batches.native import NativeRunner
from server.batches.runner import Runner
from server.batches.store import BatchStore
from server.fleet.shared import open_shared
from server.front import Front
from server.gateway import Gateway
from server.prompt_tools.tools import TOOLS
from server.reload import Environ, Reloader
from server.reload_state import first_state
from server.settings import Settings
from server.snapshot import Snapshot
from server.spent import recall
from server.watch import watch

log = structlog.get_logger("rolegraph")


def create_app(
    settings: Settings,
    snapshot: Snapshot,
    environ: Environ,
    clock: Callable[[], float] = time.time,
) -> ASGIApp:
    """Return the whole server as one ASGI application; ``clock`` tells Unix time."""
    client = HttpClient()
    gateway = Gateway(
        settings,
        snapshot,
        first_state(snapshot),
        sender(client),
        open_shared(settings),
        clock,
        environ(),
    )
    reloader = Reloader(gateway, environ)
    runner = Runner(gateway, BatchStore(gateway.database))
    native = NativeRunner(gateway, taken_back=runner.wake)

    def serving() -> Iterable[Haystack]:
        return gateway.snapshot.haystacks.values()

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        watching = asyncio.Event()
        await gateway.shared.start()
        await gateway.database.start()
        await recall(gateway)
        gateway.usage.start()
        beside = [
            _beside(
                "edits are not noticed any more",
                watch(snapshot.home, reloader.watched, reloader.notice, watching),
            ),
            _beside("edits are not merged any more", reloader.merge_when_idle()),
            _beside(
                "ejected models are not probed any more",
                probing(gateway.health, serving, gateway.send),
            ),
            _beside("batches are not worked on any more", runner.run()),
            _beside("passed batches are not watched any more", native.run()),
            _beside("files are not swept any more", gateway.files.keep_swept()),
            _beside("usage is not written any more", gateway.usage.keep_written()),
        ]
        # Reading the tables of tokens holds the interpreter for a tenth of a second:
        # better before the first request than in the midst of one.
        await asyncio.to_thread(tokens.count_text, "")
        await watching.wait()
        try:
            yield
        finally:
            for task in beside:
                task.cancel()
            await asyncio.gather(*beside, return_exceptions=True)
            await client.close()
            await gateway.shared.close()
            gateway.ledger.flush()
            await gateway.usage.close()
            await gateway.database.close()

    app = FastAPI(
        title="Rolegraph",
        description="Routes each request to a language model by markdown you can read.",
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,  # a redirect loses the role in the path, and clients refuse it
    )
    app.state.gateway = gateway
    app.state.reloader = reloader
    app.state.runners = (runner, native)
    anthropic, openai_responses = DIALECTS["anthropic"], DIALECTS["openai_responses"]
    hot: dict[str, ASGIApp] = {
        "/v1/messages": Completions(gateway, anthropic),
        "/v1/chat/completions": Completions(gateway, DIALECTS["openai_chat"]),
        "/v1/responses": Completions(gateway, openai_responses),
        "/v1/embeddings": Embeddings(gateway),
        "/v1/messages/count_tokens": CountTokens(gateway, anthropic),
        "/v1/responses/input_tokens": CountTokens(
            gateway, openai_responses, object="response.input_tokens"
        ),
    }
    tools = {f"/v1/experimental/{name}": PromptTool(gateway, name) for name in TOOLS}
    posts = hot | tools
    app.router.routes += [Route(path, posts[path], methods=["POST"]) for path in posts]
    for module in (
        root,
        batches,
        files,
        health,
        models,
        text_completions,
        route,
        management,
        sessions,
        usage,
    ):
        app.include_router(module.router)
    install_error_handlers(app)
    passthrough = Passthrough(gateway, tuple(app.router.routes))
    app.router.routes.append(Route("/v1/{path:path}", passthrough, include_in_schema=False))
    return Front(app, hot)


def _beside(end: str, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
    """Begin what should never end; if it does, the log says what that means."""
    task = asyncio.create_task(work, name=end)
    task.add_done_callback(_tell)
    return task


def _tell(task: asyncio.Task[None]) -> None:
    if not task.cancelled() and (error := task.exception()):
        log.error(task.get_name(), exc_info=error)
