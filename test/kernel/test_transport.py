"""How clients reach the kernel."""

from __future__ import annotations

import json
import socket
import subprocess
from pathlib import Path

import pytest
from jupyter_client.manager import KernelManager
from kernel_session import KERNEL_NAME, KernelSession


def test_unix_sockets(tmp_path: Path) -> None:
    with KernelSession(tmp_path, transport="ipc", ip=str(tmp_path / "ipc")) as session:
        assert session.run("1 + 1").result == "2"


def test_encryption_with_curve_keys(tmp_path: Path) -> None:
    with KernelSession(tmp_path, transport_encryption="required") as session:
        assert session.manager.curve_publickey
        assert session.run("1 + 1").result == "2"


@pytest.mark.parametrize("channel", ["shell", "hb"])
def test_a_port_that_is_taken_ends_the_kernel_with_the_reason(tmp_path: Path, channel: str) -> None:
    manager = KernelManager(kernel_name=KERNEL_NAME)
    manager.write_connection_file()
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        connection = manager.get_connection_info() | {f"{channel}_port": taken.getsockname()[1]}
        connection["key"] = connection["key"].decode()
        file = tmp_path / "connection.json"
        file.write_text(json.dumps(connection))
        command = manager.kernel_spec.argv
        ended = subprocess.run(
            [str(file) if word == "{connection_file}" else word for word in command],
            capture_output=True,
            text=True,
            timeout=30,
        )
    manager.cleanup_connection_file()
    assert ended.returncode == 1
    assert ended.stderr == (
        "joulebook kernel: the sockets cannot open: Error: Address already in use\n"
    )


def test_heartbeats_go_on_while_a_cell_computes(tmp_path: Path) -> None:
    with KernelSession(tmp_path) as session:
        request = session.client.context.socket(3)  # REQ
        request.connect(session.client._make_url("hb"))
        id_ = session.send("console.log('on'); while (true) {}")
        session.broadcast("stream", id_)
        request.send(b"ping")
        assert request.poll(10_000)
        assert request.recv() == b"ping"
        request.close(0)
        session.interrupt()
        session.finish(id_)
