"""Replaces this process by Node running one of the bundles in `runtime/`."""

from __future__ import annotations

import os
import sys

from .errors import JoulebookError
from .node import FLAGS, find_node

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import NoReturn

RUNTIME = os.path.join(os.path.dirname(os.path.abspath(__file__)), "runtime")
"""Where the build puts the bundles and, in the wheel, the packages they import."""


def bundle(name: str) -> str:
    """Finds a bundle.

    Args:
        name: File name, such as `meter.mjs`.

    Raises:
        JoulebookError: `runtime/not-built` if the build has not made it.
    """
    path = os.path.join(RUNTIME, name)
    if not os.path.exists(path):
        raise JoulebookError(
            "runtime/not-built",
            f"{path} is missing. In a clone of the project run: npm run build. "
            "Otherwise reinstall the package: pip install --force-reinstall joulebook",
        )
    return path


def command(name: str, arguments: Sequence[str], flags: Sequence[str] = FLAGS) -> list[str]:
    """Builds the command line that runs a bundle.

    Args:
        name: File name, such as `meter.mjs`.
        arguments: For the bundle.
        flags: For Node.

    Raises:
        JoulebookError: `node/…` or `runtime/not-built`.
    """
    return [find_node(), *flags, bundle(name), *arguments]


def become(
    name: str,
    arguments: Sequence[str],
    flags: Sequence[str] = FLAGS,
    environment: Mapping[str, str] | None = None,
) -> NoReturn:
    """Replaces this process by a bundle; it keeps the process id, the terminal and the pipes.

    Args:
        name: File name, such as `meter.mjs`.
        arguments: For the bundle.
        flags: For Node.
        environment: Added to this process's own, beside JOULEBOOK_PYTHON (this interpreter).

    Raises:
        SystemExit: With a message and status 1 if Node or the bundle is missing.
    """
    try:
        argv = command(name, arguments, flags)
    except JoulebookError as error:
        sys.exit(f"joulebook: {error.message}")
    os.execve(  # noqa: S606
        argv[0],
        argv,
        {**os.environ, "JOULEBOOK_PYTHON": sys.executable, **(environment or {})},
    )
