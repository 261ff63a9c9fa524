"""Keeps the user's one meter daemon running while this server runs."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from logging import Logger
from pathlib import Path

from .client import exchange
from .errors import JoulebookError
from .launch import command
from .paths import Places, find_places, node_environment, prepare

START_SECONDS = 30
"""How long a busy machine may take to start Node and open the history."""
READY_SECONDS = 5
"""How long a request waits for a daemon that is on its way."""
SHORTEST_WAIT_SECONDS = 0.5
LONGEST_WAIT_SECONDS = 30.0
STEADY_SECONDS = 60.0
"""A daemon that lived this long did not fail at its start: the next one starts at once."""
LARGEST_LOG_BYTES = 1024 * 1024


class Daemon:
    """The daemon as one server sees it: found or started, leased, started again when it dies.

    The lease is an open request. The daemon counts them and leaves when the last is gone, so
    several servers share one daemon, and one whose server was killed does not stay behind.

    Attributes:
        problem: Why there is no daemon, or None while it is leased or on its way.
    """

    def __init__(
        self,
        log: Logger,
        serve: Callable[[], Sequence[str]] = lambda: command("meter.mjs", ["serve", "--lease"]),
    ) -> None:
        """Prepares; `start` acts.

        Args:
            log: Told when the daemon starts, dies or cannot start.
            serve: Gives the command line of a daemon; raises JoulebookError if there is none.
        """
        self.problem: JoulebookError | None = None
        self._log = log
        self._serve = serve
        self._places = find_places()
        self._settled = asyncio.Event()  # leased, or known not to work
        self._keeping: asyncio.Task[None] | None = None
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def socket(self) -> Path:
        """Where the daemon listens, once there is one."""
        return self._places.socket

    def start(self) -> None:
        """Begins to find or start the daemon and to hold its lease; call it on the event loop."""
        self._keeping = asyncio.ensure_future(self._keep())

    async def ready(self) -> None:
        """Waits until the lease is held, if it soon is.

        Raises:
            JoulebookError: The `problem`, or `daemon/unavailable` after READY_SECONDS.
        """
        try:
            await asyncio.wait_for(self._settled.wait(), READY_SECONDS)
        except asyncio.TimeoutError:
            raise JoulebookError(
                "daemon/unavailable",
                "the meter daemon is still starting; try again in a moment. "
                f"If that does not help, see its log: {self._places.log}",
            ) from None
        if self.problem:
            raise self.problem

    async def stop(self) -> None:
        """Gives the lease back; the daemon leaves if it was the last."""
        if self._keeping:
            self._keeping.cancel()
            await asyncio.gather(self._keeping, return_exceptions=True)

    async def _keep(self) -> None:
        failures = 0
        while True:
            began = time.monotonic()
            try:
                await self._find_or_start()
                await self._hold()
                self._log.warning(
                    "The meter daemon at %s has left; starting it again.", self.socket
                )
            except JoulebookError as error:
                self._fail(error)
            except OSError as error:
                self._fail(JoulebookError("daemon/not-started", str(error)))
            failures = 0 if time.monotonic() - began > STEADY_SECONDS else failures + 1
            await asyncio.sleep(_wait_seconds(failures))

    def _fail(self, problem: JoulebookError) -> None:
        self.problem = problem
        self._settled.set()
        self._log.error("joulebook cannot measure: %s", problem.message)

    async def _hold(self) -> None:
        """Holds the lease until the daemon ends it or is killed."""
        async with exchange(self.socket, "GET", "/v1/lease") as lease:
            if lease.status != 200:
                raise JoulebookError(
                    "daemon/bad-answer",
                    f"{self.socket} refused a lease with HTTP {lease.status}. Another program or "
                    "version may listen there; end it, and it is replaced.",
                )
            self.problem = None
            self._settled.set()
            self._log.info("The meter daemon measures at %s.", self.socket)
            try:
                async for _ in lease.chunks():
                    pass
            finally:
                self._settled.clear()

    async def _find_or_start(self) -> None:
        prepare(self._places)
        if await self._answers():
            return
        self._process = _launch(self._serve(), self._places)
        give_up = time.monotonic() + START_SECONDS
        while not await self._answers():
            status = self._process.poll()
            # Status 0 means that another server's daemon was faster and is about to answer.
            if status or time.monotonic() > give_up:
                ended = f"ended with status {status}" if status else "does not answer"
                raise JoulebookError(
                    "daemon/not-started",
                    f"the meter daemon {ended}. Its log, {self._places.log}, ends with:\n"
                    f"{_tail(self._places.log)}",
                )
            await asyncio.sleep(0.05)

    async def _answers(self) -> bool:
        try:
            async with exchange(self.socket, "GET", "/v1/status") as answer:
                return answer.status == 200
        except JoulebookError as error:
            if error.code == "daemon/unavailable":
                return False
            raise


def _wait_seconds(failures: int) -> float:
    """At once after a steady life or a first failure, then longer and longer."""
    if failures <= 1:
        return 0
    return min(LONGEST_WAIT_SECONDS, SHORTEST_WAIT_SECONDS * 2.0 ** min(failures - 2, 16))


def _launch(argv: Sequence[str], places: Places) -> subprocess.Popen[bytes]:
    """Starts a daemon that outlives this server and its terminal."""
    if places.log.exists() and places.log.stat().st_size > LARGEST_LOG_BYTES:
        places.log.replace(places.log.with_suffix(".log.1"))
    descriptor = os.open(places.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        return subprocess.Popen(  # noqa: S603
            argv,
            stdin=subprocess.DEVNULL,
            stdout=descriptor,
            stderr=descriptor,
            start_new_session=True,
            cwd="/",
            env={**os.environ, **node_environment(), "JOULEBOOK_PYTHON": sys.executable},
        )
    finally:
        os.close(descriptor)


def _tail(log: Path) -> str:
    lines = log.read_text("utf-8", "replace").splitlines() if log.exists() else []
    return "\n".join(lines[-10:]) or "(nothing)"
