"""The executor of `joulebook run`, as the command drives it: by lines, with a real kernel."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import nbformat
import pytest


def write(path: Path, *sources: str) -> Path:
    cells = [nbformat.v4.new_code_cell(source) for source in sources]  # type: ignore[no-untyped-call]
    notebook = nbformat.v4.new_notebook(cells=cells)  # type: ignore[no-untyped-call]
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3"}
    nbformat.write(notebook, path)  # type: ignore[no-untyped-call]
    return path


@contextmanager
def start(tmp_path: Path, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(
        [sys.executable, "-m", "joulebook.run", *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env={**os.environ, "JUPYTER_RUNTIME_DIR": str(tmp_path / "runtime")},
    ) as process:
        try:
            yield process
        except BaseException:
            process.kill()
            raise


def until(process: subprocess.Popen[str], name: str) -> dict[str, Any]:
    """Reads events up to one of this name."""
    assert process.stdout
    for line in process.stdout:
        event: dict[str, Any] = json.loads(line)
        if event["event"] == name:
            return event
    pytest.fail(f"no event {name}")


def tell(process: subprocess.Popen[str], word: str) -> None:
    assert process.stdin
    process.stdin.write(f"{word}\n")
    process.stdin.flush()


def test_executes_nothing_before_go_then_each_cell_and_writes_the_outputs(tmp_path: Path) -> None:
    notebook = write(tmp_path / "a.ipynb", "print(6 * 7)", "", "2")
    with start(tmp_path, str(notebook), "--output", str(tmp_path / "out.ipynb")) as process:
        assert until(process, "notebook")["cells"] == [0, 2]
        connection_file = Path(until(process, "kernel")["connection_file"])
        assert connection_file.parent == tmp_path / "runtime"
        assert connection_file.exists()
        tell(process, "go")
        sent = until(process, "sent")
        ended = until(process, "ended")
        assert (sent["index"], sent["msg_id"], ended["status"]) == (0, ended["msg_id"], "ok")
        until(process, "written")
    assert process.returncode == 0
    assert "42" in (tmp_path / "out.ipynb").read_text()


def test_stops_at_the_cell_that_fails_and_says_why(tmp_path: Path) -> None:
    notebook = write(tmp_path / "a.ipynb", "1/0", "2")
    with start(tmp_path, str(notebook)) as process:
        tell(process, "go")
        failed = until(process, "failed")
        assert (failed["index"], failed["name"]) == (0, "ZeroDivisionError")
    assert process.returncode == 1


@pytest.mark.parametrize(
    ("word", "name"), [("interrupt", "KeyboardInterrupt"), ("kill", "DeadKernelError")]
)
def test_ends_a_running_cell_on_demand(tmp_path: Path, word: str, name: str) -> None:
    notebook = write(tmp_path / "a.ipynb", "print('on', flush=True)\nwhile True: pass")
    with start(tmp_path, str(notebook)) as process:
        tell(process, "go")
        until(process, "sent")
        tell(process, word)
        assert until(process, "failed")["name"] == name


def test_an_interrupt_reaches_the_kernel_of_a_background_job_too(tmp_path: Path) -> None:
    notebook = write(tmp_path / "a.ipynb", "while True: pass")
    ignored = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with start(tmp_path, str(notebook)) as process:
            tell(process, "go")
            until(process, "sent")
            tell(process, "interrupt")
            assert until(process, "failed")["name"] == "KeyboardInterrupt"
    finally:
        signal.signal(signal.SIGINT, ignored)


FORGETFUL = """
import time
from ipykernel.ipkernel import IPythonKernel
from ipykernel.kernelapp import IPKernelApp

class Forgetful(IPythonKernel):
    async def execute_request(self, stream, ident, parent):
        # As when the interrupt comes after the message and before the first line of the cell.
        self._publish_execute_input(parent["content"]["code"], parent, 1)
        while True:
            time.sleep(0.1)

IPKernelApp.launch_instance(kernel_class=Forgetful)
"""


def test_does_not_wait_for_a_cell_that_the_kernel_lost_over_an_interrupt(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "kernels/forgetful"
    folder.mkdir(parents=True)
    (folder / "kernel.py").write_text(FORGETFUL)
    argv = [sys.executable, str(folder / "kernel.py"), "-f", "{connection_file}"]
    spec = {"argv": argv, "display_name": "Forgetful", "language": "python"}
    (folder / "kernel.json").write_text(json.dumps(spec))
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path))
    notebook = write(tmp_path / "a.ipynb", "1")
    with start(tmp_path, str(notebook), "--kernel", "forgetful") as process:
        tell(process, "go")
        until(process, "sent")
        tell(process, "interrupt")
        failed = until(process, "failed")
        assert failed["name"] == "KeyboardInterrupt"
        assert "lost the cell" in failed["message"]
    assert process.returncode == 1


def test_says_which_kernel_is_missing(tmp_path: Path) -> None:
    notebook = write(tmp_path / "a.ipynb", "1")
    with start(tmp_path, str(notebook), "--kernel", "no-such-kernel") as process:
        failed = until(process, "failed")
        assert failed["name"] == "NoSuchKernel"
        assert "no kernel is named 'no-such-kernel'; there are: " in failed["message"]
        assert "python3" in failed["message"] and "--kernel" in failed["message"]
        assert failed["index"] is None
