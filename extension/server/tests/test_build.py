"""A wheel is whole or it is not built."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

SERVER = Path(__file__).resolve().parents[1]


def test_a_wheel_that_lacks_parts_is_refused_with_the_way_out(tmp_path: Path) -> None:
    server = tmp_path / "extension/server"
    (server / "joulebook").mkdir(parents=True)
    for part in ("pyproject.toml", "hatch_build.py", "joulebook/__init__.py"):
        shutil.copy(SERVER / part, server / part)
    (tmp_path / "extension/lab").mkdir()
    shutil.copy(SERVER.parent / "lab/package.json", tmp_path / "extension/lab")
    built = subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel"],
        cwd=server,
        capture_output=True,
        text=True,
        check=False,
    )
    assert built.returncode != 0
    assert "runtime/meter.mjs" in built.stderr
    assert "npm run package" in built.stderr
