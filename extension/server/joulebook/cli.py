"""The `joulebook` command: Node runs it, from the same bundle as the daemon."""

from __future__ import annotations

import sys

from .launch import become
from .paths import node_environment


def main() -> None:
    """Runs `joulebook ARGUMENTS`."""
    become("meter.mjs", sys.argv[1:], environment=node_environment())


if __name__ == "__main__":
    main()
