"""What a page carries so that it can be run again and compared: sources, results, energies."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..errors import JoulebookError
from .cleaning import plain_text
from .energy import Energy, energy_of

VERSION = 1
LONGEST_RESULT = 20_000
_SCRIPT = re.compile(
    r'<script type="application/json" id="joulebook-record">(.*?)</script>', re.S | re.I
)


def record_of(
    document: Mapping[str, Any],
    title: str,
    energies: Mapping[int, Energy],
    metadata: Mapping[str, Any],
) -> dict[str, Any]:
    """What to remember of a notebook.

    Args:
        document: The notebook as it was read.
        title: Of its page.
        energies: Of its code cells, by their index.
        metadata: Cleaned: kernel and language.
    """
    cells = []
    for at, cell in enumerate(document["cells"]):
        if isinstance(cell, dict) and cell.get("cell_type") == "code":
            source = cell.get("source")
            energy = energies.get(at)
            cells.append(
                {
                    "id": plain_text(cell.get("id")) or f"cell-{at}",
                    "index": at,
                    "source": source if isinstance(source, str) else "".join(source or []),
                    "result": result_of(cell),
                    "energy": energy.as_json() if energy else None,
                    "tags": [t for t in _tags(cell) if isinstance(t, str)],
                }
            )
    return {
        "version": VERSION,
        "title": title,
        "kernelspec": metadata.get("kernelspec"),
        "language_info": metadata.get("language_info"),
        "cells": cells,
    }


def result_of(cell: dict[str, Any]) -> str:
    """A cell's outputs as text: what it printed, its value, its error."""
    parts: list[str] = []
    printing = False
    for output in cell.get("outputs") or []:
        if not isinstance(output, dict):
            continue
        was_printing, printing = printing, output.get("output_type") == "stream"
        if printing and output.get("name") != "stderr":
            # Where a kernel cuts what it prints into messages is chance.
            head = parts.pop() if was_printing and parts else ""
            parts.append(head + plain_text(output.get("text")))
        elif output.get("output_type") == "error":
            parts.append(f"{plain_text(output.get('ename'))}: {plain_text(output.get('evalue'))}")
        elif isinstance(output.get("data"), dict):
            parts.append(plain_text(output["data"].get("text/plain")))
    return "\n".join(parts)[:LONGEST_RESULT]


def record_html(record: dict[str, Any]) -> str:
    """A record as an element of a page, which does nothing there."""
    text = json.dumps(record, ensure_ascii=False, separators=(",", ":"))
    for sign in "<>&":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return f'<script type="application/json" id="joulebook-record">{text}</script>'


def record_from(path: Path) -> dict[str, Any]:
    """Reads the record of a published page.

    Raises:
        JoulebookError: `publish/bad-record` for a page that has none, or one of another version.
    """
    if not path.is_file():
        raise JoulebookError("publish/no-notebook", f"no page or notebook at {path}")
    found = _SCRIPT.search(path.read_text("utf-8", "replace"))
    if not found:
        raise _bad(path, "it holds no record; was it made by joulebook publish?")
    try:
        record = json.loads(found.group(1))
    except ValueError as error:
        raise _bad(path, str(error)) from error
    if not isinstance(record, dict) or record.get("version") != VERSION:
        raise _bad(path, f"expected a record of version {VERSION}")
    return record


def energy_in(cell: dict[str, Any]) -> Energy | None:
    """The energy that a record's cell had; None where it was not metered."""
    energy = energy_of(cell.get("energy"))
    return None if energy is None or energy.kind == "missing" else energy


def _tags(cell: dict[str, Any]) -> list[Any]:
    metadata = cell.get("metadata")
    tags = metadata.get("tags") if isinstance(metadata, dict) else None
    return tags if isinstance(tags, list) else []


def _bad(path: Path, reason: str) -> JoulebookError:
    return JoulebookError("publish/bad-record", f"{path} cannot be verified: {reason}")
