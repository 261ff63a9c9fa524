"""Becomes the TypeScript kernel: `python -m joulebook.kernel [NODE_OPTION…] CONNECTION_FILE`.

A kernelspec in a wheel cannot know where Node is; Jupyter replaces its `python` by the
environment's own, and this module replaces that process by Node. It imports little, because every
kernel start waits for it.
"""

from __future__ import annotations

import sys

from .launch import become

if __name__ == "__main__":
    become("kernel.mjs", sys.argv[-1:], flags=sys.argv[1:-1])
