"""Follows a notebook client through the meter."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import uuid
from collections.abc import Callable, Coroutine
from threading import Thread
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from jupyter_core.paths import jupyter_runtime_dir

from ..client import exchange
from ..daemon import Daemon
from ..errors import JoulebookError
from ..methods import methods_of_status

if TYPE_CHECKING:
    from jupyter_client.manager import KernelManager
    from nbclient import NotebookClient

HEARD_SECONDS = 5.0
"""The meter hears of a new kernel within this time; later its first cells are missed."""
SETTLE_SECONDS = 3.0
"""Within this time the readings of a cell that has ended are in."""
ASK_SECONDS = 0.1


def attach(client: NotebookClient, notebook: str | None = None) -> Callable[[], None]:
    """Makes a client write energies into the notebook that it executes.

    The hooks that the client has already are called as well. Without a meter the notebook runs all
    the same, and a warning says why nothing was measured.

    Args:
        client: Before it starts its kernel.
        notebook: The path of its file, under which the history will know it.

    Returns:
        Writes what is known so far; for a client that does not call `on_notebook_complete`.

    Example:
        >>> client = NotebookClient(notebook)
        >>> attach(client)
        >>> client.execute()
    """
    follower = _Follower(client, notebook)
    create = client.create_kernel_manager

    def create_kernel_manager() -> KernelManager:
        manager = create()
        folder = jupyter_runtime_dir()
        os.makedirs(folder, mode=0o700, exist_ok=True)
        # Where the meter looks for kernels.
        manager.connection_file = os.path.join(folder, f"kernel-{uuid.uuid4()}.json")
        return manager

    client.create_kernel_manager = create_kernel_manager  # type: ignore[method-assign]
    for name, hook in (
        ("on_notebook_start", follower.start),
        ("on_cell_executed", follower.executed),
        ("on_notebook_error", follower.finish),
        ("on_notebook_complete", follower.finish),
    ):
        setattr(client, name, _both(getattr(client, name), hook))
    return follower.finish


class _Follower:
    """Speaks to the daemon from a thread of its own, so that any client's event loop will do."""

    def __init__(self, client: NotebookClient, notebook: str | None) -> None:
        self._client = client
        self._notebook = os.path.abspath(notebook) if notebook else None
        self._daemon: Daemon | None = None
        self._cells: dict[str, Any] = {}
        self._loop = asyncio.new_event_loop()

    def start(self, **_: Any) -> None:
        """Finds or starts the daemon, and waits until it hears the kernel."""
        Thread(target=self._loop.run_forever, daemon=True).start()
        try:
            self._wait(self._start())
        except JoulebookError as error:
            logging.getLogger("joulebook").warning("not measured: %s", error.message)
            self._daemon = None

    def executed(
        self, cell: Any, cell_index: int, execute_reply: dict[str, Any] | None, **_: Any
    ) -> None:
        """Tells the meter which cell a message belonged to."""
        msg_id = ((execute_reply or {}).get("parent_header") or {}).get("msg_id")
        if not self._daemon or not msg_id:
            return
        self._cells[msg_id] = cell
        if self._notebook:
            cell_id = str(cell.get("id", cell_index))
            label = {"msg_id": msg_id, "cell_id": cell_id, "notebook": self._notebook}
            self._wait(self._send("POST", "/v1/labels", {"labels": [label]}))

    def finish(self, **_: Any) -> None:
        """Writes the energies into the notebook, once the last readings are in."""
        daemon, self._daemon = self._daemon, None
        if not daemon:
            return
        rows, status = self._wait(self._finish(daemon))
        self._loop.call_soon_threadsafe(self._loop.stop)
        for msg_id, cell in self._cells.items():
            if msg_id in rows:
                cell.metadata["joulebook"] = _fields(rows[msg_id])
        if rows and status:
            self._client.nb.metadata["joulebook"] = {"methods": methods_of_status(status)}

    def _wait(self, work: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()

    async def _start(self) -> None:
        self._daemon = daemon = Daemon(logging.getLogger("joulebook.meter"))
        daemon.start()
        await daemon.ready()
        file = str(getattr(self._client.km, "connection_file", ""))
        deadline = self._loop.time() + HEARD_SECONDS
        while self._loop.time() < deadline:
            status = await self._send("GET", "/v1/status") or {}
            kernels = [k for k in status.get("kernels", []) if k["connection_file"] == file]
            if any(kernel["state"] != "unknown" for kernel in kernels):
                return
            if kernels and self._client.kc is not None:
                self._client.kc.kernel_info()
            await asyncio.sleep(ASK_SECONDS)

    async def _finish(self, daemon: Daemon) -> tuple[dict[str, dict[str, Any]], Any]:
        self._daemon = daemon
        try:
            return await self._settled(), await self._send("GET", "/v1/status")
        finally:
            self._daemon = None
            await daemon.stop()

    async def _settled(self) -> dict[str, dict[str, Any]]:
        """The executions of the cells, by message."""
        rows: dict[str, dict[str, Any]] = {}
        deadline = asyncio.get_running_loop().time() + SETTLE_SECONDS
        while asyncio.get_running_loop().time() < deadline:
            query = urlencode({"order": "desc", "limit": min(10_000, 2 * len(self._cells) + 100)})
            answer = await self._send("GET", f"/v1/executions?{query}") or {}
            rows = {
                row["msg_id"]: row
                for row in answer.get("executions", [])
                if row["msg_id"] in self._cells and row["status"] != "running"
            }
            if len(rows) == len(self._cells):
                break
            await asyncio.sleep(ASK_SECONDS)
        return rows

    async def _send(self, method: str, target: str, body: Any = None) -> Any:
        """Asks the daemon; None where it does not answer, since no notebook may fail for that."""
        assert self._daemon is not None  # noqa: S101
        sent = b"" if body is None else json.dumps(body).encode()
        headers = {"Content-Type": "application/json"} if sent else {}
        try:
            async with exchange(self._daemon.socket, method, target, headers, sent) as answer:
                text = await answer.read()
                return json.loads(text) if text and answer.status == 200 else None
        except JoulebookError:
            return None


def _fields(row: dict[str, Any]) -> dict[str, Any]:
    kept = ("id", "source_sha256", "started_at", "ended_at", "policy", "total", "domains")
    return {name: row[name] for name in kept}


def _both(first: Callable[..., Any] | None, second: Callable[..., Any]) -> Callable[..., Any]:
    async def call(**arguments: Any) -> None:
        said = first(**arguments) if first else None
        if asyncio.iscoroutine(said):
            await said
        second(**arguments)

    return call
