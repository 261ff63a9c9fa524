"""Where the daemon's socket and log are: the same rule as in `extension/meter/src/paths.ts`."""

from __future__ import annotations

import hashlib
import os
import stat
from dataclasses import dataclass
from pathlib import Path

from jupyter_core.paths import jupyter_data_dir, jupyter_runtime_dir

from .errors import JoulebookError

LONGEST_SOCKET_BYTES = 100
"""The system allows 103 (macOS) to 107 (Linux) bytes in the name of a unix socket."""


@dataclass(frozen=True)
class Places:
    """The daemon's private files."""

    folder: Path
    """Lock and log."""
    socket: Path
    """In `folder`, unless its name gets too long there or $JOULEBOOK_SOCKET says otherwise."""
    log: Path


def find_places() -> Places:
    """Works out where the daemon's files are; touches nothing."""
    runtime = Path(jupyter_runtime_dir()).absolute()
    folder = runtime / "joulebook"
    chosen = os.environ.get("JOULEBOOK_SOCKET")
    if chosen:
        socket = Path(chosen).absolute()
    elif len(os.fsencode(folder / "meter.sock")) <= LONGEST_SOCKET_BYTES:
        socket = folder / "meter.sock"
    else:
        digest = hashlib.sha256(os.fsencode(runtime)).hexdigest()[:12]
        base = Path(os.environ.get("XDG_RUNTIME_DIR") or "/tmp")  # noqa: S108
        socket = base / f"joulebook-{os.getuid()}-{digest}" / "meter.sock"
    return Places(folder, socket, folder / "meter.log")


def node_environment() -> dict[str, str]:
    """Names Jupyter's folders as this Python's Jupyter sees them, so that Node sees the same."""
    named = {
        "JUPYTER_RUNTIME_DIR": jupyter_runtime_dir(),
        "JUPYTER_DATA_DIR": jupyter_data_dir(),
    }
    if os.environ.get("JOULEBOOK_SOCKET"):
        named["JOULEBOOK_SOCKET"] = str(find_places().socket)
    return named


def prepare(places: Places) -> None:
    """Makes the daemon's folders, so that nobody else can answer in its place.

    Raises:
        JoulebookError: `path/unsafe-folder` if one is there and is not this user's own.
    """
    make_private(places.folder)
    if os.environ.get("JOULEBOOK_SOCKET"):
        # Its folder is the user's choice and may hold other things: its mode stays.
        places.socket.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    else:
        make_private(places.socket.parent)


def make_private(folder: Path) -> None:
    """Makes a folder that only this user can enter, or checks that it is one.

    Raises:
        JoulebookError: `path/unsafe-folder` if it is a link, a file or another user's: whoever
            owns it could answer in the daemon's place.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    folder.mkdir(mode=0o700, exist_ok=True)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid():
        raise JoulebookError(
            "path/unsafe-folder",
            f"{folder} should be a folder of user {os.getuid()}, but belongs to user "
            f"{found.st_uid} or is no folder. Remove it, or set JOULEBOOK_SOCKET to a socket "
            "in a folder of your own.",
        )
    if stat.S_IMODE(found.st_mode) & 0o077:
        folder.chmod(0o700)
