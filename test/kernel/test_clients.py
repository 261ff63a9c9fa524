"""The programs that people run notebooks with, on this kernel."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import nbformat
import pexpect  # type: ignore[import-untyped]
import pytest
from kernel_session import KERNEL_NAME, PATIENCE, KernelSession
from nbclient import NotebookClient
from nbformat import NotebookNode

FIGURE = "({ data: [{ type: 'bar', y: [1, 3] }], layout: { title: { text: 'Bars' } } })"


def notebook(*cells: str) -> NotebookNode:
    """A notebook of this kernel; the first cell is the one of parameters."""
    made = nbformat.v4.new_notebook(  # type: ignore[no-untyped-call]
        cells=[nbformat.v4.new_code_cell(source) for source in cells]  # type: ignore[no-untyped-call]
    )
    made.metadata.kernelspec = {
        "name": KERNEL_NAME,
        "display_name": "TypeScript (GPU)",
        "language": "typescript",
    }
    made.cells[0].metadata.tags = ["parameters"]
    return made


def write(folder: Path) -> Path:
    """Puts a notebook into a file."""
    path = folder / "notebook.ipynb"
    made = notebook("const epochs = 2 // how often", "epochs * 10", FIGURE)
    nbformat.write(made, path)  # type: ignore[no-untyped-call]
    return path


@pytest.fixture
def written(tmp_path: Path) -> Path:
    """A notebook in a file."""
    return write(tmp_path)


@pytest.fixture(scope="module")
def executed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A notebook that nbconvert executed."""
    path = write(tmp_path_factory.mktemp("executed"))
    program("jupyter-nbconvert", "--to", "notebook", "--execute", "--inplace", str(path))
    return path


def program(name: str, *arguments: str) -> str:
    """Runs a program of the environment and returns what it said."""
    command = [str(Path(sys.executable).with_name(name)), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=4 * PATIENCE)
    assert done.returncode == 0, done.stderr
    return done.stdout + done.stderr


def value(cell: NotebookNode) -> str:
    """A cell's last value."""
    return str(cell.outputs[-1].data["text/plain"])


def test_nbclient(tmp_path: Path) -> None:
    made = notebook("const n: number = 4\nconsole.log('on')", "n * 2")
    client = NotebookClient(made, resources={"metadata": {"path": str(tmp_path)}})
    done = client.execute()
    assert done.cells[0].outputs[0].text == "on\n"
    assert (value(done.cells[1]), done.cells[1].execution_count) == ("8", 2)
    assert done.cells[1].metadata.execution["iopub.status.idle"]


def test_nbconvert_executes_and_shows_figures_without_scripts(executed: Path) -> None:
    program("jupyter-nbconvert", "--to", "html", str(executed))
    html = executed.with_suffix(".html").read_text()
    assert "<pre>20" in html
    assert "data:image/svg+xml;base64," in html or "<svg" in html


def test_nbconvert_writes_a_script(executed: Path) -> None:
    program("jupyter-nbconvert", "--to", "script", str(executed))
    assert "epochs * 10" in executed.with_suffix(".ts").read_text()


def test_papermill_sets_parameters(written: Path) -> None:
    output = written.with_name("out.ipynb")
    parameters = ("-p", "epochs", "7", "-p", "name", 'a "b"')
    program("papermill", *parameters, "--cwd", str(written.parent), str(written), str(output))
    done = nbformat.read(output, as_version=4)  # type: ignore[no-untyped-call]
    injected = done.cells[1]
    assert "injected-parameters" in injected.metadata.tags
    assert injected.source == '// Parameters\nlet epochs = 7;\nlet name = "a \\"b\\"";\n'
    assert value(done.cells[2]) == "70"


def test_papermill_lists_parameters(written: Path) -> None:
    assert "epochs: Unknown type (default 2)" in program(
        "papermill", "--help-notebook", str(written)
    )


def test_jupyter_console_in_a_terminal(tmp_path: Path) -> None:
    env = {**os.environ, "TERM": "dumb", "PROMPT_TOOLKIT_NO_CPR": "1"}
    arguments = ["-m", "jupyter_console", "--kernel", KERNEL_NAME, "--simple-prompt"]
    options = {"cwd": str(tmp_path), "env": env, "timeout": 2 * PATIENCE}
    terminal = pexpect.spawn(sys.executable, arguments, **options)
    try:
        terminal.expect("TypeScript .GPU.")
        terminal.expect("Runs on")
        terminal.expect(r"In \[1\]:")
        terminal.sendline("const wheels: number = 6; wheels * 7")
        terminal.expect(r"Out\[1\]: *42")
        terminal.expect(r"In \[2\]:")
        terminal.sendline("wheels.ring()")
        terminal.expect("Property 'ring' does not exist")
        terminal.expect(r"In \[3\]:")
        terminal.sendline("console.log('be' + 'gun'); while (true) {}")
        terminal.expect("begun")
        terminal.sendintr()
        terminal.expect("Interrupted")
        terminal.sendline("wheels")
        terminal.expect(r"Out\[4\]: *6")
    finally:
        terminal.close(force=True)


# VS Code's Jupyter extension cannot be installed here; these are the habits of its client that
# other clients do not have.


def test_vs_code_runs_hidden_code_before_the_first_cell(session: KernelSession) -> None:
    hidden = session.run("globalThis", silent=True, store_history=False)
    assert hidden.kinds == ["busy", "idle"]
    loud = session.run("const hiddenCell = 1", store_history=False)
    assert loud.status == "ok"
    first = session.run("1 + 1")
    assert first.reply["content"]["execution_count"] == 1


def test_vs_code_asks_for_information_while_a_cell_runs(session: KernelSession) -> None:
    id_ = session.send("console.log('on'); while (true) {}")
    session.broadcast("stream", id_)
    info = session.request("kernel_info_request", channel="control")["content"]
    assert info["status"] == "ok"
    session.interrupt()
    assert session.finish(id_).error["ename"] == "Interrupted"


def test_vs_code_interrupts_by_the_means_that_the_kernelspec_names(session: KernelSession) -> None:
    assert session.manager.kernel_spec is not None
    assert session.manager.kernel_spec.interrupt_mode == "message"


def test_vs_code_leaves_fields_out(session: KernelSession) -> None:
    request = {"code": "3 * 3"}
    sent = session.client.session.msg("execute_request", request, metadata={"cellId": "vscode-1"})
    session.client.shell_channel.send(sent)
    run = session.finish(sent["header"]["msg_id"])
    assert run.result == "9"
    assert run.reply["parent_header"]["msg_id"] == sent["header"]["msg_id"]


def test_vs_code_asks_for_comms_and_debugging(session: KernelSession) -> None:
    assert session.request("comm_info_request")["content"]["comms"] == {}
    refused = session.request("debug_request", {"command": "debugInfo"}, channel="control")
    assert refused["content"]["status"] == "error"
    info = session.request("kernel_info_request")["content"]
    assert info["supported_features"] == []
