"""The wheel in a fresh environment, on a machine that has neither Node nor npm."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from socket import socket
from threading import Thread
from typing import Any
from urllib.request import Request, urlopen
from zipfile import ZipFile

import nbformat
import pytest
from jupyter_client.blocking.client import BlockingKernelClient

ROOT = Path(__file__).resolve().parents[2]
LARGEST_BYTES = 60_000_000
SECONDS = 60


@dataclass
class Environment:
    """A virtual environment, and folders that hold nothing of the user's."""

    bin: Path
    home: Path
    env: dict[str, str]

    def run(self, *command: str) -> str:
        done = subprocess.run(
            [self.bin / command[0], *command[1:]],
            env=self.env,
            cwd=self.home,
            capture_output=True,
            text=True,
            timeout=240,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout + done.stderr


@dataclass
class Server:
    """A running JupyterLab."""

    url: str
    token: str
    runtime: Path

    def open(self, path: str, body: Any = None) -> Any:
        request = Request(
            self.url + path,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": f"token {self.token}"},
        )
        return urlopen(request, timeout=SECONDS)

    def json(self, path: str, body: Any = None) -> Any:
        with self.open(path, body) as response:
            return json.load(response)


@pytest.fixture(scope="session")
def wheel() -> Path:
    subprocess.run(["node", ROOT / "scripts/package.mjs"], check=True, stdout=subprocess.DEVNULL)
    (wheel,) = (ROOT / "dist").glob("joulebook-*.whl")
    return wheel


@pytest.fixture(scope="session")
def environment(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Environment:
    home = tmp_path_factory.mktemp("home")
    subprocess.run([sys.executable, "-m", "venv", home / "venv"], check=True)
    bin = home / "venv/bin"
    pins = ["--constraint", ROOT / "requirements.txt"]
    quiet = ["--quiet", "--disable-pip-version-check", "--no-compile"]
    subprocess.run(
        [bin / "pip", "install", *quiet, *pins, wheel, "jupyterlab", "ipykernel"],
        check=True,
    )
    kept = {
        k: v for k, v in os.environ.items() if not k.startswith(("JUPYTER", "JOULEBOOK", "XDG"))
    }
    env = {
        **kept,
        "HOME": str(home),
        "PATH": str(bin),
        "JUPYTER_RUNTIME_DIR": str(home / "run"),
    }
    return Environment(bin, home, env)


@pytest.fixture(scope="session")
def server(environment: Environment) -> Iterator[Server]:
    with socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen(
        [environment.bin / "jupyter-lab", "--no-browser", "--allow-root", f"--port={port}"],
        env=environment.env,
        cwd=environment.home,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield described(process, environment.home / "run")
    finally:
        process.terminate()
        process.wait()


def described(process: subprocess.Popen[str], runtime: Path) -> Server:
    """Waits until the daemon measures, before anybody asks, and finds the server's address."""
    assert process.stderr
    said = []
    for line in process.stderr:
        said.append(line)
        if "The meter daemon measures" in line or "cannot measure" in line:
            break
    # Nobody reads on, but a full pipe would stop the server.
    Thread(target=process.stderr.read, daemon=True).start()
    assert "The meter daemon measures" in said[-1], "".join(said)
    files = [*runtime.glob("jpserver-*.json")]
    facts = json.loads(files[0].read_text())
    return Server(facts["url"], facts["token"], runtime)


def execute_in_session(server: Server, notebook: str, code: str) -> str:
    """Runs code in a kernel that the server starts for a notebook; gives the request's msg_id."""
    session = server.json(
        "api/sessions",
        {
            "path": notebook,
            "name": notebook,
            "type": "notebook",
            "kernel": {"name": "python3"},
        },
    )
    client = BlockingKernelClient()
    client.load_connection_file(str(server.runtime / f"kernel-{session['kernel']['id']}.json"))
    client.start_channels()
    client.kernel_info(reply=True, timeout=SECONDS)
    reply = client.execute(code, reply=True, timeout=SECONDS)
    client.stop_channels()
    assert reply["content"]["status"] == "ok"
    return str(reply["parent_header"]["msg_id"])


def finished(events: Any, **wanted: str) -> Any:
    """Reads server-sent events until an execution with these values is finished."""
    name = b""
    for line in events:
        if line.startswith(b"event:"):
            name = line[6:].strip()
        elif line.startswith(b"data:") and name == b"finished":
            execution = json.loads(line[5:])
            if wanted.items() <= execution.items():
                return execution
    raise AssertionError(f"the events ended before {wanted} was finished")


def test_this_machine_seems_to_have_no_node(environment: Environment) -> None:
    assert [shutil.which(name, path=environment.env["PATH"]) for name in ("node", "npm")] == [
        None
    ] * 2


def test_the_wheel_is_small_and_says_which_platform_it_is_for(wheel: Path) -> None:
    assert wheel.stat().st_size < LARGEST_BYTES
    assert not wheel.name.endswith("-any.whl")


def test_the_licences_of_the_data_come_with_it(wheel: Path) -> None:
    with ZipFile(wheel) as archive:
        text = archive.read("joulebook/LICENSES-DATA.md").decode()
    assert "ODbL-1.0" in text and "Electricity Maps" in text


def test_jupyterlab_finds_the_front_end(environment: Environment) -> None:
    listed = environment.run("jupyter", "labextension", "list")
    (line,) = [line for line in listed.splitlines() if "joulebook-lab" in line]
    assert "enabled" in line and "OK" in line


def test_a_python_cell_run_on_the_server_is_metered(
    environment: Environment, server: Server
) -> None:
    nbformat.write(nbformat.v4.new_notebook(), environment.home / "python.ipynb")
    with server.open("joulebook/api/events") as events:
        msg_id = execute_in_session(
            server,
            "python.ipynb",
            "import time; end = time.time() + 1\nwhile time.time() < end: pass",
        )
        execution = finished(events, msg_id=msg_id)
    assert execution["status"] == "ok"
    assert execution["total"]["low"] <= execution["total"]["joules"] <= execution["total"]["high"]
    assert execution["total"]["joules"] > 0
    assert execution["notebook_path"] == "python.ipynb"
    exported = environment.run("joulebook", "export", "--format", "jsonl").splitlines()
    (same,) = [row for row in map(json.loads, exported) if row["msg_id"] == msg_id]
    assert same["total"] == execution["total"]
    assert same["notebook"] == str(environment.home / "python.ipynb")


def test_the_typescript_kernel_runs_and_is_metered_from_any_folder(
    environment: Environment, server: Server
) -> None:
    code = """
import { gradientDescent } from 'kernel-helpers';
import * as tf from '@tensorflow/tfjs';
import '@tensorflow/tfjs-backend-wasm';
await tf.setBackend('wasm');
const sum: number = (await tf.tensor1d([1, 2, 3]).sum().array()) as number;
console.log(typeof gradientDescent, tf.getBackend(), sum);
"""
    path = environment.home / "typescript.ipynb"
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(code)])
    notebook.metadata["kernelspec"] = {"name": "joulebook-typescript", "display_name": "TypeScript"}
    nbformat.write(notebook, path)
    with server.open("joulebook/api/events") as events:
        environment.run("jupyter", "execute", "--inplace", str(path))
        execution = finished(events, source_sha256=sha256(code.encode()).hexdigest())
    (output,) = nbformat.read(path, as_version=4).cells[0].outputs
    assert output.text == "function wasm 6\n"
    assert (execution["kernel_name"], execution["status"]) == ("joulebook-typescript", "ok")
