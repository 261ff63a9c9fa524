"""What a newcomer reads when a tool is missing or too old."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from conftest import ROOT


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A clone on which nothing has run yet, with a PATH that holds only what a test puts there."""
    shutil.copytree(ROOT / "scripts", tmp_path / "scripts")
    for name in ("package.json", "requirements.txt"):
        shutil.copy(ROOT / name, tmp_path / name)
    (tmp_path / "bin").mkdir()
    return tmp_path


def lab(clone: Path, *node_options: str) -> subprocess.CompletedProcess[str]:
    node = shutil.which("node")
    assert node
    return subprocess.run(
        [node, *node_options, clone / "scripts/lab.mjs"],
        env={"PATH": str(clone / "bin")},
        capture_output=True,
        text=True,
        timeout=60,
    )


def python(clone: Path, name: str, script: str) -> None:
    path = clone / "bin" / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


def test_no_python(clone: Path) -> None:
    run = lab(clone)
    assert run.returncode == 1
    assert "needs Python 3.10 or newer" in run.stderr
    assert "apt install python3" in run.stderr
    assert " at " not in run.stderr, "a stack trace helps no newcomer"


def test_an_old_python_is_named(clone: Path) -> None:
    python(clone, "python3", "echo 3 8")
    run = lab(clone)
    assert run.returncode == 1
    assert "python3 is 3.8" in run.stderr


def test_a_python_without_venv(clone: Path) -> None:
    python(clone, "python3", 'case "$2" in *venv*) exit 1;; *) echo 3 11;; esac')
    run = lab(clone)
    assert run.returncode == 1
    assert "apt install python3-venv" in run.stderr


def test_an_old_node(clone: Path) -> None:
    pretend = clone / "old.cjs"
    pretend.write_text("Object.defineProperty(process.versions, 'node', { value: '18.19.0' });\n")
    run = lab(clone, "--require", str(pretend))
    assert run.returncode == 1
    assert "This is Node 18.19.0" in run.stderr
