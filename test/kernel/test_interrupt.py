"""Whatever a cell does, an interrupt ends it, and its variables live on."""

from __future__ import annotations

import os
import signal

import pytest
from kernel_session import KernelSession

SHOWN = "const shown = Symbol.for('nodejs.util.inspect.custom')\n"
LOOPS = {
    "a loop": "while (true) {}",
    "a loop after an await": "await 1; while (true) {}",
    "a loop of awaits": "while (true) await 1",
    "a promise that never settles": "await new Promise<void>(() => {})",
    "a loop with pauses": "while (true) await new Promise(r => setTimeout(r, 5))",
    "a loop in a timer": "await new Promise(() => setTimeout(() => { while (true) {} }, 1))",
    "a loop in an immediate": "await new Promise(() => setImmediate(() => { for (;;); }))",
    "a loop in a tick": "await new Promise(() => process.nextTick(() => { for (;;); }))",
    "a loop in a microtask": "queueMicrotask(() => { for (;;); })\nawait new Promise(() => 0)",
    "a loop in what shows the value": SHOWN + "const o = { [shown]() { while (true) {} } }; o",
}


def start(session: KernelSession, code: str) -> str:
    """Sends a cell and returns when it runs."""
    id_ = session.send(f"console.log('on'); await new Promise(r => setTimeout(r, 30));\n{code}")
    session.broadcast("stream", id_)
    return id_


@pytest.mark.parametrize("code", LOOPS.values(), ids=LOOPS.keys())
def test_a_message_ends(code: str, shared: KernelSession) -> None:
    shared.run("let kept = 41")
    id_ = start(shared, code)
    shared.interrupt()
    run = shared.finish(id_)
    assert run.status == "error"
    assert run.error["ename"] == "Interrupted"
    assert shared.run("await new Promise(r => setTimeout(r, 1)); kept + 1").result == "42"


@pytest.mark.parametrize("name", ["a loop", "a promise that never settles", "a loop of awaits"])
def test_a_signal_ends(name: str, shared: KernelSession) -> None:
    shared.run("let kept = 1")
    id_ = start(shared, LOOPS[name])
    assert shared.manager.provisioner is not None
    os.kill(shared.manager.provisioner.process.pid, signal.SIGINT)  # type: ignore[attr-defined]
    assert shared.finish(id_).error["ename"] == "Interrupted"
    assert shared.run("kept").result == "1"


def test_work_of_an_interrupted_cell_does_not_go_on(session: KernelSession) -> None:
    session.run(
        "let steps = 0\nconst pause = () => new Promise(r => setTimeout(r, 1))\n"
        "async function work() { while (true) { await pause(); steps += 1 } }"
    )
    id_ = start(session, "await work()")
    session.interrupt()
    session.finish(id_)
    before = session.run("steps").result
    session.run("await new Promise(r => setTimeout(r, 50))")
    assert session.run("steps").result == before


def test_catch_does_not_hold_an_interrupt(session: KernelSession) -> None:
    id_ = start(session, "try { while (true) {} } catch { console.log('caught') }")
    session.interrupt()
    run = session.finish(id_)
    assert run.status == "error"
    assert "caught" not in run.text()


def test_an_interrupt_while_nothing_runs_is_harmless(session: KernelSession) -> None:
    session.interrupt()
    assert session.run("1 + 1").result == "2"


def test_waiting_for_input_ends_too(session: KernelSession) -> None:
    id_ = session.send("input('never')", allow_stdin=True)
    session.client.get_stdin_msg(timeout=60)
    session.interrupt()
    assert session.finish(id_).error["ename"] == "Interrupted"
    assert session.run("1 + 1").result == "2"


def test_output_of_a_loop_shows_while_it_runs(session: KernelSession) -> None:
    id_ = session.send(
        "let t = Date.now()\n"
        "while (true) if (Date.now() - t > 50) { console.log('tick'); t = Date.now() }"
    )
    assert "tick" in session.broadcast("stream", id_)["content"]["text"]
    session.interrupt()
    session.finish(id_)
