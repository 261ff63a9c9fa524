"""HTTP over the daemon's unix socket, with bodies that can be streamed and broken off."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from .errors import JoulebookError

ANSWER_SECONDS = 15
"""The daemon's slowest answer waits 2 s for the readings of a measurement."""
LARGEST_HEAD_BYTES = 65536
LARGEST_ANSWER_BYTES = 64 * 1024 * 1024


@dataclass
class Answer:
    """A status line and headers that have come, and a body still coming."""

    status: int
    headers: Mapping[str, str]
    """Names in lower case."""
    _reader: asyncio.StreamReader

    async def chunks(self) -> AsyncIterator[bytes]:
        """Gives the body as it comes, until the daemon ends it or is killed."""
        try:
            while chunk := await self._reader.read(65536):
                yield chunk
        except OSError:
            return

    async def read(self) -> bytes:
        """Reads the whole body.

        Raises:
            JoulebookError: `daemon/bad-answer` if it breaks off early or never ends.
        """
        body = bytearray()
        async for chunk in self.chunks():
            body += chunk
            if len(body) > LARGEST_ANSWER_BYTES:
                raise _bad(f"more than {LARGEST_ANSWER_BYTES} bytes")
        promised = int(self.headers.get("content-length", len(body)))
        if len(body) != promised:
            raise _bad(f"{len(body)} bytes of {promised}")
        return bytes(body)


@asynccontextmanager
async def exchange(
    socket: Path,
    method: str,
    target: str,
    headers: Mapping[str, str] | None = None,
    body: bytes = b"",
) -> AsyncIterator[Answer]:
    """Sends one request over a connection of its own, which closes when the block ends.

    Args:
        socket: The daemon's.
        method: GET, POST or PUT.
        target: Path and query, escaped.
        headers: Only these are sent, beside Host and Content-Length.
        body: Sent whole.

    Raises:
        JoulebookError: `daemon/unavailable` if nobody answers at the socket, `daemon/bad-answer`
            if what answers does not speak HTTP or takes longer than ANSWER_SECONDS.
    """
    reader, writer = await connect(socket)
    try:
        sent = {"Host": "localhost", "Content-Length": str(len(body)), **(headers or {})}
        # HTTP/1.0: the body then comes unchunked, up to its length or the connection's end.
        lines = [f"{method} {target} HTTP/1.0", *(f"{k}: {v}" for k, v in sent.items())]
        try:
            writer.write("\r\n".join([*lines, "", ""]).encode("latin-1") + body)
            await writer.drain()
            answer = await asyncio.wait_for(_head(reader), ANSWER_SECONDS)
        except asyncio.TimeoutError:
            raise _bad(f"nothing for {ANSWER_SECONDS} s to {method} {target}") from None
        except OSError as error:
            raise _unavailable(socket, error) from error
        yield answer
    finally:
        writer.close()


async def connect(socket: Path) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """Connects to the daemon.

    Raises:
        JoulebookError: `daemon/unavailable` if nobody answers at the socket.
    """
    try:
        return await asyncio.open_unix_connection(socket, limit=LARGEST_HEAD_BYTES)
    except OSError as error:
        raise _unavailable(socket, error) from error


async def _head(reader: asyncio.StreamReader) -> Answer:
    try:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        status, *fields = head.rstrip().split("\r\n")
        headers = dict(_field(line) for line in fields)
        return Answer(int(status.split(" ")[1]), headers, reader)
    except asyncio.IncompleteReadError as error:
        raise ConnectionResetError("the daemon hung up") from error
    except (asyncio.LimitOverrunError, IndexError, ValueError) as error:
        raise _bad(f"no HTTP: {error}") from error


def _field(line: str) -> tuple[str, str]:
    name, _, value = line.partition(":")
    return name.strip().lower(), value.strip()


def _bad(what: str) -> JoulebookError:
    return JoulebookError("daemon/bad-answer", f"the meter daemon answered with {what}")


def _unavailable(socket: Path, error: OSError) -> JoulebookError:
    reason = error.strerror or error
    return JoulebookError(
        "daemon/unavailable", f"the meter daemon does not answer at {socket}: {reason}"
    )
