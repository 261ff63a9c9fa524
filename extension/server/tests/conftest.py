"""A real Jupyter server with the extension, on folders of its own."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from tornado.httpclient import HTTPResponse

from joulebook.app import JoulebookApp
from joulebook.client import exchange
from joulebook.daemon import Daemon
from joulebook.node import find_node
from joulebook.paths import find_places

pytest_plugins = ["pytest_jupyter.jupyter_server"]

Fetch = Callable[..., Awaitable[HTTPResponse]]
STAND_IN = Path(__file__).parent / "stand_in.mjs"


@pytest.fixture
def jp_server_config() -> dict[str, Any]:
    return {"ServerApp": {"jpserver_extensions": {"joulebook": True}}}


@pytest.fixture
def stand_in(jp_environ: None, jp_root_dir: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Puts a program that shows what reaches it where the server expects the daemon's."""
    argv = [find_node(), str(STAND_IN), str(find_places().socket)]
    monkeypatch.setenv("NOTEBOOK", str(jp_root_dir / "a folder" / "ü.ipynb"))
    monkeypatch.setattr("joulebook.daemon.command", lambda *_: argv)
    return argv


@pytest.fixture
def no_daemon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leaves the server without a daemon."""
    argv = [find_node(), "-e", "console.error('no sensors today'); process.exit(3)"]
    monkeypatch.setattr("joulebook.daemon.command", lambda *_: argv)


@pytest.fixture
def daemon(stand_in: list[str], jp_serverapp: Any, jp_asyncio_loop: Any) -> Daemon:
    """The server's own view of its daemon, once it is leased."""
    daemon = daemon_of(jp_serverapp)
    jp_asyncio_loop.run_until_complete(daemon.ready())
    return daemon


@pytest.fixture
def real_daemon(jp_serverapp: Any, jp_asyncio_loop: Any) -> Iterator[Daemon]:
    """The daemon that users get, as `npm run build` made it."""
    daemon = daemon_of(jp_serverapp)
    jp_asyncio_loop.run_until_complete(daemon.ready())
    yield daemon
    jp_asyncio_loop.run_until_complete(daemon.stop())
    # It would leave by itself, but only after a while.
    os.kill(jp_asyncio_loop.run_until_complete(status(daemon))["pid"], signal.SIGTERM)


async def status(daemon: Daemon) -> Any:
    """Asks a daemon itself, not through the server."""
    async with exchange(daemon.socket, "GET", "/v1/status") as answer:
        return json.loads(await answer.read())


def daemon_of(serverapp: Any) -> Daemon:
    (app,) = serverapp.extension_manager.extension_apps["joulebook"]
    assert isinstance(app, JoulebookApp)
    return app.daemon
