"""One daemon for each user, kept alive while a server runs."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import signal
import stat
from pathlib import Path

import pytest
from tornado.httpclient import HTTPResponse

from joulebook.client import exchange
from joulebook.daemon import Daemon, _wait_seconds
from joulebook.errors import JoulebookError
from joulebook.paths import find_places

from .conftest import Fetch, status

STATUS = ("joulebook", "api", "status")
LOG = logging.getLogger("joulebook.test")


async def gone(daemon: Daemon) -> None:
    """Waits until nobody listens."""
    while True:
        try:
            async with exchange(daemon.socket, "GET", "/v1/status"):
                await asyncio.sleep(0.02)
        except JoulebookError:
            return


async def test_the_server_starts_it_before_anybody_asks(real_daemon: Daemon) -> None:
    assert (await status(real_daemon))["leases"] == 1


async def test_its_socket_is_for_this_user_alone(real_daemon: Daemon) -> None:
    assert stat.S_IMODE(real_daemon.socket.stat().st_mode) == 0o600
    assert stat.S_IMODE(real_daemon.socket.parent.stat().st_mode) == 0o700


async def test_it_runs_in_a_session_of_its_own(real_daemon: Daemon) -> None:
    pid = (await status(real_daemon))["pid"]
    assert os.getsid(pid) == pid != os.getsid(0)


async def test_a_second_server_finds_it(real_daemon: Daemon) -> None:
    second = Daemon(LOG)
    second.start()
    await second.ready()
    assert (await status(real_daemon))["leases"] == 2
    await second.stop()


async def test_two_servers_share_one_and_it_leaves_after_the_second(
    stand_in: list[str],
) -> None:
    first, second = Daemon(LOG), Daemon(LOG)
    first.start()
    await first.ready()
    second.start()
    await second.ready()
    assert (await status(second))["leases"] == 2
    await first.stop()
    assert (await status(second))["pid"]
    await second.stop()
    await asyncio.wait_for(gone(second), 20)


async def test_when_it_is_killed_another_takes_its_place(
    real_daemon: Daemon, jp_fetch: Fetch, caplog: pytest.LogCaptureFixture
) -> None:
    killed = (await status(real_daemon))["pid"]
    async with exchange(real_daemon.socket, "GET", "/v1/lease") as lease:
        os.kill(killed, signal.SIGKILL)
        async for _ in lease.chunks():
            pass

    async def answered() -> HTTPResponse:
        # The server may hear of the death a moment after us.
        while (response := await jp_fetch(*STATUS, raise_error=False)).code == 503:
            assert response.headers["Retry-After"]
        return response

    response = await asyncio.wait_for(answered(), 30)
    assert json.loads(response.body)["pid"] != killed
    assert "has left; starting it again" in caplog.text


async def test_one_that_cannot_start_is_reported_with_the_end_of_its_log(
    jp_environ: None, no_daemon: None
) -> None:
    daemon = Daemon(LOG)
    daemon.start()
    with pytest.raises(JoulebookError, match="status 3(.|\n)*no sensors today"):
        await daemon.ready()
    await daemon.stop()


async def test_a_folder_that_another_user_could_have_made_is_not_trusted(
    jp_environ: None, stand_in: list[str], tmp_path: Path
) -> None:
    folder = find_places().folder
    folder.parent.mkdir(parents=True, exist_ok=True)
    folder.symlink_to(tmp_path)
    daemon = Daemon(LOG)
    daemon.start()
    with pytest.raises(JoulebookError, match="no folder") as refused:
        await daemon.ready()
    assert refused.value.code == "path/unsafe-folder"
    await daemon.stop()


def test_the_waits_between_starts_begin_at_none_and_grow_to_half_a_minute() -> None:
    assert [_wait_seconds(n) for n in (0, 1, 2, 3, 4, 9, 999)] == [0, 0, 0.5, 1, 2, 30, 30]
