"""The `joulebook` command: Node runs it from the daemon's bundle; Python publishes."""

from __future__ import annotations

import sys

from .launch import become
from .paths import node_environment

PUBLISHING = ("publish", "verify", "new")


def main() -> None:
    """Runs `joulebook ARGUMENTS`."""
    arguments = sys.argv[1:]
    if arguments and arguments[0] in PUBLISHING:
        from . import quick_start  # noqa: F401
        from .publish.command import main as publish

        sys.exit(publish(arguments))
    become("meter.mjs", arguments, environment=node_environment())


if __name__ == "__main__":
    main()
