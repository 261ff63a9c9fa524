"""What goes wrong outside the language: messages, processes, memory."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
from pathlib import Path

from jupyter_client.ioloop.manager import AsyncIOLoopKernelManager
from kernel_session import KERNEL_NAME, PATIENCE, KernelSession, Message
from traitlets.config import Config

from conftest import Meter


def checker_pid(session: KernelSession) -> int:
    """The checker's process: the kernel's only child."""
    assert session.manager.provisioner is not None
    kernel = session.manager.provisioner.process.pid  # type: ignore[attr-defined]
    with open(f"/proc/{kernel}/task/{kernel}/children") as children:
        return int(children.read().split()[0])


def send_raw(session: KernelSession, kind: str, content: Message, key: bytes | None = None) -> str:
    """Sends a message as it is, signed with another key where one is given."""
    sender = session.client.session
    message = sender.msg(kind, content)
    kept = sender.key
    if key is not None:
        sender.key = key
    session.client.shell_channel.send(message)
    sender.key = kept
    return str(message["header"]["msg_id"])


def test_a_wrong_signature_is_ignored(session: KernelSession) -> None:
    send_raw(session, "execute_request", {"code": "console.log('forged')"}, key=b"another")
    run = session.run("'mine'")
    assert run.result == "'mine'"
    assert run.reply["content"]["execution_count"] == 1


def test_a_message_that_is_no_message_is_ignored(session: KernelSession) -> None:
    session.client.shell_channel.socket.send_multipart([b"<IDS|MSG>", b"", b"{"])
    session.client.shell_channel.socket.send_multipart([b"nothing"])
    assert session.run("1").result == "1"


def test_an_unknown_type_gets_a_refusal(session: KernelSession) -> None:
    reply = session.request("dance_request")["content"]
    assert reply["status"] == "error"
    assert "dance_request" in reply["evalue"]


def test_missing_fields_get_an_error(session: KernelSession) -> None:
    for kind in ("execute_request", "complete_request", "inspect_request", "is_complete_request"):
        reply = session.request(kind, {})["content"]
        assert reply["status"] == "error"
        assert "expected a string in code" in reply["evalue"]
    assert session.run("1").result == "1"


def test_a_hundred_megabytes_of_code_are_refused(session: KernelSession) -> None:
    run = session.run("1;" * 50_000_000)
    assert "at most" in run.error["evalue"]
    assert session.run("2").result == "2"


def test_process_exit_does_not_end_the_kernel(session: KernelSession) -> None:
    session.run("const kept = 5")
    assert "process.exit(3)" in session.run("process.exit(3)").error["evalue"]
    assert session.run("kept").result == "5"


def test_a_killed_checker_starts_again_and_knows_the_cells(session: KernelSession) -> None:
    session.run("const n: number = 1\ninterface P { x: string }")
    os.kill(checker_pid(session), signal.SIGKILL)
    assert session.run("const p: P = { x: 'a' }; p.x.length + n").result == "2"
    os.kill(checker_pid(session), signal.SIGKILL)
    assert "not assignable" in session.run("const q: P = { x: n }").error["evalue"]


def test_a_cell_that_exhausts_the_heap_is_told_to_front_end_and_meter(meter: Meter) -> None:
    statuses = asyncio.run(exhaust_the_heap(meter))
    assert statuses == ["restarting", "starting"]
    [died, after] = meter.executions()
    assert (died["status"], after["status"]) == ("died", "ok")
    assert died["end_ns"] > died["start_ns"]
    assert died["total"]["joules"] > 0


async def exhaust_the_heap(meter: Meter) -> list[str]:
    """Kills a kernel by a cell, below what Jupyter's server watches kernels with.

    Returns:
        What a front end is told, up to the kernel's return; a cell runs after that.
    """
    connection = Path(meter.env["JUPYTER_RUNTIME_DIR"]) / "kernel-of-the-test.json"
    watch = {"time_to_dead": 1.0, "random_ports_until_alive": False}
    manager = AsyncIOLoopKernelManager(
        kernel_name=KERNEL_NAME,
        connection_file=str(connection),
        config=Config({"KernelRestarter": watch}),
    )
    env = {**meter.env, "NODE_OPTIONS": "--max-old-space-size=256"}
    await manager.start_kernel(env=env, cwd=str(meter.home))
    client = manager.client()
    client.start_channels()
    try:
        await client.wait_for_ready(timeout=PATIENCE)
        told: list[str] = []
        manager.start_restarter()
        manager.add_restart_callback(lambda: told.append("restarting"), "restart")
        client.execute("const all: object[][] = []\nwhile (true) all.push(Array(1e5).fill({}))")
        while told[-1:] != ["starting"]:
            message = await client.get_iopub_msg(timeout=2 * PATIENCE)
            if message["content"].get("execution_state") == "starting":
                told.append("starting")
        reply = await client.execute_interactive("1", timeout=PATIENCE)
        assert reply["content"]["status"] == "ok"
        return told
    finally:
        client.stop_channels()
        manager.stop_restarter()
        await manager.shutdown_kernel(now=True)


def test_completion_runs_no_code_of_the_user(session: KernelSession) -> None:
    session.run("const trap = { get loop(): { a: number } { while (true) {} } }")
    reply = session.request("complete_request", {"code": "trap.loop.", "cursor_pos": 10})
    assert reply["content"]["matches"] == ["a"]


def test_code_with_characters_beyond_the_first_plane(session: KernelSession) -> None:
    code = "'🚲🚲'.length + Math.hyp"
    reply = session.request("complete_request", {"code": code, "cursor_pos": 22})
    content = reply["content"]
    assert (content["matches"], content["cursor_start"], content["cursor_end"]) == (
        ["hypot"],
        19,
        22,
    )


def test_a_connection_file_that_is_none(session: KernelSession) -> None:
    path = session.write("connection.json", "{ not json")
    assert session.manager.provisioner is not None
    command = [*session.manager.kernel_spec.argv[:-1], str(path)]  # type: ignore[union-attr]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert ended.returncode == 1
    assert "is not JSON" in ended.stderr
