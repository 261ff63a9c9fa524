"""Runs a published page again and says what differs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import nbformat

from ..errors import JoulebookError
from ..launch import command
from ..paths import node_environment
from .compare import Comparison, compare_energies, compare_results
from .energy import total
from .page import Page, page_from_file, page_of
from .reading import read_notebook
from .record import energy_in, record_from

VARIES = "result-varies"
"""The tag of a cell whose results are meant to differ from run to run."""


@dataclass(frozen=True)
class CellVerdict:
    """What became of one cell."""

    index: int
    source: str
    result: Comparison
    energy: Comparison


@dataclass(frozen=True)
class Report:
    """What became of a page."""

    cells: list[CellVerdict]
    total: Comparison
    failure: str
    """Why the new run stopped; empty if it did not."""

    @property
    def agrees(self) -> bool:
        """Whether nothing differs beyond its interval."""
        parts = [p.outcome for cell in self.cells for p in (cell.result, cell.energy)]
        return not self.failure and "differs" not in parts

    @property
    def text(self) -> str:
        """For people: the cells that differ, and a last line."""
        lines = []
        for cell in self.cells:
            for what, part in (("result", cell.result), ("energy", cell.energy)):
                if part.outcome == "differs":
                    lines.append(f"cell {cell.index + 1}  {what} differs: {part.detail}")
        if self.failure:
            lines.append(f"the run stopped: {self.failure}")
        results = sum(cell.result.outcome == "same" for cell in self.cells)
        energies = sum(cell.energy.outcome == "same" for cell in self.cells)
        unknown = sum(cell.energy.outcome == "not compared" for cell in self.cells)
        lines.append(
            f"{results} of {len(self.cells)} results agree; energies of {energies} cells agree"
            + (f", {unknown} could not be compared" if unknown else "")
        )
        if self.total.detail:
            lines.append(f"whole page: {self.total.detail}")
        return "\n".join(lines)

    def as_json(self) -> dict[str, Any]:
        """For scripts."""
        return {"agrees": self.agrees, **asdict(self)}


def verify(path: Path, tolerance: float, folder: Path | None, kernel: str | None) -> Report:
    """Runs a page or notebook again and compares.

    Args:
        path: A page made by `joulebook publish`, or an executed notebook.
        tolerance: Of numbers in results, relative.
        folder: Where the code runs; default: where the page lies.
        kernel: Instead of the one that the page names.

    Raises:
        JoulebookError: `publish/bad-record`, `publish/not-run`, or what reading a notebook throws.
    """
    notebook = path.suffix == ".ipynb"
    record = page_from_file(path).record if notebook else record_from(path)
    if not record["cells"]:
        raise JoulebookError("publish/bad-record", f"{path} has no code that could run again")
    with tempfile.TemporaryDirectory(prefix=".joulebook-", dir=folder or path.parent) as made:
        again = Path(made) / "again.ipynb"
        nbformat.write(_notebook(record), again)  # type: ignore[no-untyped-call]
        failure = _run(again, folder or path.parent, kernel)
        return _report(record, page_of(read_notebook(again)), tolerance, failure)


def _notebook(record: dict[str, Any]) -> Any:
    cells = [nbformat.v4.new_code_cell(cell["source"]) for cell in record["cells"]]  # type: ignore[no-untyped-call]
    notebook = nbformat.v4.new_notebook(cells=cells)  # type: ignore[no-untyped-call]
    for part in ("kernelspec", "language_info"):
        if record.get(part):
            notebook.metadata[part] = record[part]
    return notebook


def _run(notebook: Path, folder: Path, kernel: str | None) -> str:
    """Runs the notebook in place; says why it stopped."""
    arguments = ["run", str(notebook), "--output", str(notebook), "--metadata", "--json"]
    arguments += ["--folder", str(folder.resolve())]
    if kernel:
        arguments += ["--kernel", kernel]
    # Whoever watches sees how it goes.
    watched = sys.stderr.isatty()
    said = subprocess.run(  # noqa: S603
        command("meter.mjs", arguments),
        env={**os.environ, **node_environment(), "JOULEBOOK_PYTHON": sys.executable},
        stdout=subprocess.PIPE,
        stderr=None if watched else subprocess.PIPE,
        text=True,
        check=False,
    )
    try:
        result = json.loads(said.stdout)
    except ValueError:
        lines = (said.stderr or "").strip().splitlines()
        reason = lines[-1] if lines else "see above" if watched else "it said nothing"
        raise JoulebookError("publish/not-run", f"joulebook run failed: {reason}") from None
    failure = result.get("failure") or {}
    if failure and failure.get("index") is None:
        reason = f"{failure['name']}: {failure['message']}"
        raise JoulebookError("publish/not-run", f"the page could not run again: {reason}")
    return f"{failure['name']}: {failure['message']}" if failure else ""


def _report(record: dict[str, Any], now: Page, tolerance: float, failure: str) -> Report:
    verdicts = []
    for old, new in zip(record["cells"], now.record["cells"], strict=True):
        if not old["source"].strip():
            continue
        result = compare_results(old["result"], new["result"], tolerance)
        if VARIES in old.get("tags", []):
            result = Comparison("not compared", f"tagged {VARIES}")
        energy = compare_energies(energy_in(old), energy_in(new))
        first = old["source"].strip().split("\n")[0][:80]
        verdicts.append(CellVerdict(old["index"], first, result, energy))
    return Report(verdicts, _totals(record, now), failure)


def _totals(record: dict[str, Any], now: Page) -> Comparison:
    known = [energy for cell in record["cells"] if (energy := energy_in(cell))]
    return compare_energies(total(known) if known else None, now.total if now.metered else None)
