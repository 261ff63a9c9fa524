"""Energies of a notebook from the meter's history, for notebooks that do not carry them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..errors import JoulebookError
from ..launch import command
from ..paths import node_environment

SECONDS = 60


def executions_of(notebook: Path) -> list[dict[str, Any]]:
    """Asks for all executions of a notebook, oldest first.

    Returns:
        None of them where there is no meter to ask: publishing works without one.
    """
    try:
        argv = command("meter.mjs", ["export", "--format", "jsonl", "--notebook", str(notebook)])
        said = subprocess.run(  # noqa: S603
            argv,
            env={**os.environ, **node_environment(), "JOULEBOOK_PYTHON": sys.executable},
            capture_output=True,
            timeout=SECONDS,
            check=True,
        )
        return [json.loads(line) for line in said.stdout.splitlines()]
    except (JoulebookError, OSError, ValueError, subprocess.SubprocessError):
        return []


def latest(executions: list[dict[str, Any]]) -> Mapping[str, dict[str, Any]]:
    """The last execution of each cell that has ended, by the cell's id."""
    return {
        row["cell_id"]: row
        for row in executions
        if row.get("cell_id") and row.get("status") != "running"
    }
