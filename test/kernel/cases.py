"""What cells of TypeScript must do: each case is a notebook of its own."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class Case:
    """Cells that run one after the other; the last is looked at, and the others succeed."""

    name: str
    cells: list[str]
    #: The last value as text.
    result: str | None = None
    #: What the last cell prints.
    stdout: str | None = None
    #: A part of the last cell's error: of its name, message or traceback.
    error: str | None = None
    #: Files beside the notebook.
    files: dict[str, str] = field(default_factory=dict)


#: In JSON, as the benchmark runs them too, on other kernels.
CASES = [Case(**case) for case in json.loads(Path(__file__).with_name("cases.json").read_text())]
