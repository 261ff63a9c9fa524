"""Every tutorial runs headless on the kernel that it names, and each cell gets its energy."""

from __future__ import annotations

import shutil
from pathlib import Path

import nbformat
import pytest

from conftest import ROOT, Meter

NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_runs_and_is_metered(meter: Meter, notebook: Path) -> None:
    copy = Path(shutil.copy(notebook, meter.home))
    executed = meter.execute(copy)
    assert executed.returncode == 0, executed.stderr

    cells = [cell for cell in nbformat.read(copy, as_version=4).cells if cell.cell_type == "code"]
    executions = meter.executions()
    assert [row["status"] for row in executions] == ["ok"] * len(cells)
    for row in executions:
        assert row["total"]["kind"] == "measured"
        assert row["total"]["low"] <= row["total"]["joules"] <= row["total"]["high"]


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_is_kept_without_outputs(notebook: Path) -> None:
    for cell in nbformat.read(notebook, as_version=4).cells:
        assert cell.get("outputs", []) == []
        assert cell.get("execution_count") is None
