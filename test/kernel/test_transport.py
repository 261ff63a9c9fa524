"""How clients reach the kernel."""

from __future__ import annotations

from pathlib import Path

from kernel_session import KernelSession


def test_unix_sockets(tmp_path: Path) -> None:
    with KernelSession(tmp_path, transport="ipc", ip=str(tmp_path / "ipc")) as session:
        assert session.run("1 + 1").result == "2"


def test_encryption_with_curve_keys(tmp_path: Path) -> None:
    with KernelSession(tmp_path, transport_encryption="required") as session:
        assert session.manager.curve_publickey
        assert session.run("1 + 1").result == "2"


def test_heartbeats_go_on_while_a_cell_computes(tmp_path: Path) -> None:
    with KernelSession(tmp_path) as session:
        socket = session.client.context.socket(3)  # REQ
        socket.connect(session.client._make_url("hb"))
        id_ = session.send("console.log('on'); while (true) {}")
        session.broadcast("stream", id_)
        socket.send(b"ping")
        assert socket.poll(10_000)
        assert socket.recv() == b"ping"
        socket.close(0)
        session.interrupt()
        session.finish(id_)
