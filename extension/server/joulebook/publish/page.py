"""A notebook on its way to a page: cleaned, with energies, methods and a record to verify it by."""

from __future__ import annotations

import re
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from nbformat import NotebookNode

from ..methods import this_machine
from . import history
from .cleaning import Cleaner, plain_text
from .energy import Energy, energy_of, missing, total
from .methods import methods_of
from .reading import read_notebook
from .record import record_of

STALE = "edited since it was measured"
UNMETERED = "not metered"
_HEADING = re.compile(r"^#\s+(.+?)\s*#*$", re.M)


@dataclass
class Page:
    """What is published of one notebook."""

    source: Path | None
    notebook: NotebookNode
    title: str
    energies: dict[int, Energy]
    """Of each code cell that has a source, by its index in the file."""
    methods: dict[str, str]
    notes: list[str]
    """What a reader should know: a failed cell, what was cut."""
    record: dict[str, Any]
    """What it takes to run the notebook again and compare."""

    @property
    def total(self) -> Energy:
        """The energy of all cells that have one."""
        return total(self.energies.values())

    @property
    def metered(self) -> int:
        """Cells that have an energy."""
        return sum(energy.kind != "missing" for energy in self.energies.values())

    @property
    def summary(self) -> str:
        """The page's total in a sentence."""
        if not self.energies:
            return "This page has no code."
        cells = f"{self.metered} of {len(self.energies)} code cells metered"
        if not self.metered:
            return f"Energy of this page: not metered ({len(self.energies)} code cells)."
        return f"Energy of this page: {self.total.text}; {cells}."


def page_from_file(path: Path) -> Page:
    """Reads a notebook and, where it carries no energies, asks the meter's history for them.

    Raises:
        JoulebookError: As `read_notebook` does.
    """
    path = path.resolve()
    document = read_notebook(path)
    return page_of(document, path)


def page_of(document: dict[str, Any], source: Path | None = None) -> Page:
    """Makes the page of a notebook.

    Args:
        document: From `read_notebook`.
        source: Its file, if it has one: the history knows notebooks by their paths.
    """
    cleaner = Cleaner()
    notebook = cleaner.clean(document)
    rows = _rows(document)
    if source and not rows:
        rows = _rows_from_history(document, source)
    energies = {at: _energy(document["cells"][at], rows.get(at)) for at in _code(document)}
    title = _title(notebook) or (source.stem if source else "Notebook")
    return Page(
        source=source,
        notebook=notebook,
        title=title,
        energies=energies,
        methods=methods_of(document, rows.values()),
        notes=[*_state(document), *cleaner.notes],
        record=record_of(document, title, energies, notebook.metadata),
    )


def _code(document: dict[str, Any]) -> list[int]:
    return [
        at
        for at, cell in enumerate(document["cells"])
        if isinstance(cell, dict)
        and cell.get("cell_type") == "code"
        and plain_text(cell.get("source")).strip()
    ]


def _rows(document: dict[str, Any]) -> dict[int, dict[str, Any]]:
    """What the cells' own metadata say, by index."""
    found = {}
    for at in _code(document):
        metadata = document["cells"][at].get("metadata")
        row = metadata.get("joulebook") if isinstance(metadata, dict) else None
        if isinstance(row, dict):
            found[at] = row
    return found


def _rows_from_history(document: dict[str, Any], source: Path) -> dict[int, dict[str, Any]]:
    known = history.latest(history.executions_of(source))
    rows = {
        at: known[document["cells"][at].get("id")]
        for at in _code(document)
        if document["cells"][at].get("id") in known
    }
    if rows:
        # The history is this machine's, so that is where they ran.
        metadata = document.setdefault("metadata", {})
        metadata["joulebook"] = {"methods": {"machine": this_machine()}}
    return rows


def _energy(cell: dict[str, Any], row: dict[str, Any] | None) -> Energy:
    energy = energy_of(row) if row else None
    if not row or not energy:
        return missing(UNMETERED)
    digest = row.get("source_sha256")
    source = cell["source"] if isinstance(cell["source"], str) else "".join(cell["source"])
    if isinstance(digest, str) and digest != sha256(source.encode()).hexdigest():
        return missing(STALE)
    return energy


def _title(notebook: NotebookNode) -> str:
    for cell in notebook.cells:
        heading = _HEADING.search(cell.source) if cell.cell_type == "markdown" else None
        if heading:
            return heading.group(1)
    return ""


def _state(document: dict[str, Any]) -> list[str]:
    """Says that a notebook failed, did not run, or names no kernel."""
    notes = []
    code = _code(document)
    for at in code:
        for output in document["cells"][at].get("outputs") or []:
            if isinstance(output, dict) and output.get("output_type") == "error":
                name = plain_text(output.get("ename"))[:80] or "an error"
                notes.append(f"cell {at + 1} ended with {name}")
    if code and all(document["cells"][at].get("execution_count") is None for at in code):
        notes.append("this notebook was published without having been run")
    metadata = document.get("metadata")
    if code and not (isinstance(metadata, dict) and metadata.get("kernelspec")):
        notes.append("this notebook names no kernel")
    return notes
