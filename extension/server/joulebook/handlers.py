"""The guarded way from the browser to the daemon: `/joulebook/api/X` is its `/v1/X`."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import tornado.web
from jupyter_server.auth.decorator import authorized
from jupyter_server.base.handlers import APIHandler
from tornado.iostream import StreamClosedError

from .client import Answer, exchange
from .daemon import Daemon
from .errors import JoulebookError
from .notebooks import Root

if TYPE_CHECKING:
    from .errors import ErrorCode

LARGEST_BODY_BYTES = 1024 * 1024
"""A thousand labels take a fifth of it."""

_ID = r"\w[\w.:-]*"
ALLOWED: tuple[tuple[str, frozenset[str]], ...] = (
    (r"status", frozenset({"GET"})),
    (r"power", frozenset({"GET"})),
    (r"executions", frozenset({"GET"})),
    (rf"executions/{_ID}", frozenset({"GET"})),
    (r"labels", frozenset({"POST"})),
    (r"measures", frozenset({"POST"})),
    (rf"measures/{_ID}/end", frozenset({"POST"})),
    (r"settings", frozenset({"GET", "PUT"})),
    (r"impact", frozenset({"GET"})),
    (r"metrics", frozenset({"GET"})),
    (r"events", frozenset({"GET"})),
)
"""All that passes. A lease is not among it: a page that stays open must not hold the daemon."""

_STATUS: dict[ErrorCode, int] = {
    "auth/forbidden": 403,
    "daemon/bad-answer": 502,
    "path/outside-root": 400,
    "request/not-allowed": 405,
    "request/not-found": 404,
    "request/refused": 400,
    "request/too-large": 413,
    "request/unreadable": 400,
}
_CODE: dict[int, ErrorCode] = {
    403: "auth/forbidden",
    404: "request/not-found",
    405: "request/not-allowed",
}


@tornado.web.stream_request_body
class ProxyHandler(APIHandler):
    """Passes one request of a signed-in, permitted user on to the daemon.

    Cookies, tokens and every other header but those named here stay behind. Nothing here counts
    as activity of the user, so that an open page does not keep an idle server from being culled.
    """

    auth_resource = "joulebook"
    _track_activity = False

    def initialize(self, daemon: Daemon, root: Root) -> None:
        """Takes what the application shares among requests."""
        self._daemon = daemon
        self._root = root
        self._body = bytearray()
        self._too_large = False
        self._streaming: asyncio.Task[Any] | None = None

    def data_received(self, chunk: bytes) -> None:
        """Collects the body; what passes the limit is dropped, so memory stays bounded."""
        self._too_large = self._too_large or len(self._body) + len(chunk) > LARGEST_BODY_BYTES
        if not self._too_large:
            self._body += chunk

    @tornado.web.authenticated
    @authorized
    async def get(self, path: str) -> None:
        """Reads from the daemon."""
        await self._pass(path)

    @tornado.web.authenticated
    @authorized
    async def post(self, path: str) -> None:
        """Adds labels or measurements."""
        await self._pass(path)

    @tornado.web.authenticated
    @authorized
    async def put(self, path: str) -> None:
        """Changes settings."""
        await self._pass(path)

    async def _pass(self, path: str) -> None:
        try:
            self._check(path)
            query = self._root.query_to_daemon(self.request.query)
            body = bytes(self._body)
            if path == "labels":
                body = self._root.labels_to_daemon(body)
            await self._daemon.ready()
            # Prometheus' figures have no version of their own.
            place = "/metrics" if path == "metrics" else f"/v1/{quote(path)}"
            target = place + (f"?{query}" if query else "")
            async with exchange(
                self._daemon.socket, self.request.method or "", target, self._forwarded(body), body
            ) as answer:
                await self._answer(answer)
        except JoulebookError as error:
            self._refuse(error)

    def _check(self, path: str) -> None:
        methods = next((m for pattern, m in ALLOWED if re.fullmatch(pattern, path, re.A)), None)
        if methods is None:
            known = ", ".join(pattern.replace(_ID, "ID") for pattern, _ in ALLOWED)
            raise JoulebookError("request/not-found", f"no route {path!r}; there are: {known}")
        if self.request.method not in methods:
            self.set_header("Allow", ", ".join(sorted(methods)))
            raise JoulebookError(
                "request/not-allowed",
                f"{path} takes {' or '.join(sorted(methods))}, got {self.request.method}",
            )
        if self._too_large:
            raise JoulebookError(
                "request/too-large", f"expected at most {LARGEST_BODY_BYTES} bytes of body"
            )

    def _forwarded(self, body: bytes) -> dict[str, str]:
        headers = {"Content-Type": "application/json"} if body else {}
        last = self.request.headers.get("Last-Event-ID", "")
        if re.fullmatch(_ID, last, re.A):
            headers["Last-Event-ID"] = last
        return headers

    async def _answer(self, answer: Answer) -> None:
        self.set_status(answer.status)
        self.set_header("Cache-Control", "no-store")
        content_type = answer.headers.get("content-type", "")
        if content_type.startswith("text/event-stream"):
            await self._stream(answer)
            return
        body = await answer.read()
        if body and content_type.startswith("application/json"):
            body = self._root.answer_from_daemon(body)
        if answer.status == HTTPStatus.NO_CONTENT:
            self.finish()
        else:
            self.finish(body, set_content_type=content_type)

    async def _stream(self, answer: Answer) -> None:
        self.set_header("Content-Type", "text/event-stream")
        # nginx, common before hubs, would else hold events back.
        self.set_header("X-Accel-Buffering", "no")
        self._streaming = asyncio.current_task()
        try:
            await self.flush()
            async for event in _events(answer):
                self.write(self._root.event_from_daemon(event))
                await self.flush()
        except (StreamClosedError, asyncio.CancelledError):
            pass  # the page left

    def on_connection_close(self) -> None:
        """Ends a stream when its page is closed."""
        if self._streaming:
            self._streaming.cancel()
        super().on_connection_close()

    def _refuse(self, error: JoulebookError) -> None:
        self.set_status(_STATUS.get(error.code, HTTPStatus.SERVICE_UNAVAILABLE))
        if self.get_status() == HTTPStatus.SERVICE_UNAVAILABLE:
            self.set_header("Retry-After", "2")
        self.finish(json.dumps({"error": {"code": error.code, "message": error.message}}))

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        """Gives Jupyter's own refusals (no token, another origin) the same form."""
        thrown = (kwargs.get("exc_info") or (None, None))[1]
        said = thrown.log_message if isinstance(thrown, tornado.web.HTTPError) else None
        message = said or HTTPStatus(status_code).phrase
        code = _CODE.get(status_code, "server/failed" if status_code >= 500 else "request/refused")
        self.finish(json.dumps({"error": {"code": code, "message": message}}))


async def _events(answer: Answer) -> AsyncIterator[bytes]:
    """Cuts a stream into whole server-sent events, each with the empty line that ends it."""
    pending = b""
    async for chunk in answer.chunks():
        *whole, pending = (pending + chunk).split(b"\n\n")
        for event in whole:
            yield event + b"\n\n"
