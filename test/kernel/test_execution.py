"""How requests are served: order, states, replies."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from kernel_session import KernelSession


def test_busy_and_idle_stand_exactly_around_their_own_cell(session: KernelSession) -> None:
    ids = [session.send(f"console.log({n}); {n}") for n in range(20)]
    seen: list[tuple[int, str]] = []
    while len(seen) < 20 * 5:
        message = session.client.get_iopub_msg(timeout=60)
        if message["parent_header"].get("msg_id") in ids:
            kind = message["content"].get("execution_state", message["msg_type"])
            seen.append((ids.index(message["parent_header"]["msg_id"]), kind))
    steps = ["busy", "execute_input", "stream", "execute_result", "idle"]
    assert seen == [(n, step) for n in range(20) for step in steps]


def test_counts_and_timing(session: KernelSession) -> None:
    run = session.run("1 + 1")
    assert run.of("execute_input") == [{"code": "1 + 1", "execution_count": 1}]
    assert run.of("execute_result")[0]["execution_count"] == 1
    assert run.reply["content"]["execution_count"] == 1
    timing = run.reply["metadata"]["executionTiming"]
    assert timing["started"] <= timing["compiled"] <= timing["ended"]


def test_an_error_is_broadcast_and_replied(session: KernelSession) -> None:
    run = session.run("throw new RangeError('boom')")
    assert run.kinds == ["busy", "execute_input", "error", "idle"]
    for content in (run.error, run.reply["content"]):
        assert content["ename"] == "RangeError"
        assert content["evalue"] == "boom"
        assert content["traceback"]


def test_queued_cells_are_aborted_after_an_error(session: KernelSession) -> None:
    session.run("1")
    ids = [session.send(code) for code in ("throw new Error('x')", "console.log('no')", "2")]
    runs = [session.finish(id_) for id_ in ids]
    assert [run.status for run in runs] == ["error", "aborted", "aborted"]
    assert runs[1].kinds == ["busy", "idle"]
    assert session.run("3").result == "3"


def test_stop_on_error_can_be_switched_off(session: KernelSession) -> None:
    ids = [session.send("throw new Error('x')", stop_on_error=False), session.send("2")]
    assert [session.finish(id_).status for id_ in ids] == ["error", "ok"]


def test_a_silent_cell_broadcasts_nothing_but_status(session: KernelSession) -> None:
    run = session.run("const quiet = 1; console.log(quiet); quiet", silent=True)
    assert run.kinds == ["busy", "idle"]
    assert session.run("quiet").of("execute_result")[0]["execution_count"] == 1


def test_a_cell_kept_out_of_history_does_not_count(session: KernelSession) -> None:
    session.run("1")
    run = session.run("2", store_history=False)
    assert run.result == "2"
    assert run.reply["content"]["execution_count"] == 1
    reply = session.request(
        "history_request", {"output": False, "raw": True, "hist_access_type": "tail", "n": 1}
    )
    assert reply["content"]["history"][0][2] == "1"


def test_user_expressions(session: KernelSession) -> None:
    run = session.run("const u = 20", user_expressions={"twice": "u * 2", "bad": "nothing"})
    values = run.reply["content"]["user_expressions"]
    assert values["twice"]["data"]["text/plain"] == "40"
    assert values["bad"]["status"] == "error"


def test_history_survives_a_restart(session: KernelSession) -> None:
    session.run("const kept = 'in history'")
    session.manager.restart_kernel(now=True)
    session.client.wait_for_ready(timeout=60)
    content = {"output": False, "raw": True, "hist_access_type": "search", "pattern": "*in hist*"}
    reply = session.request("history_request", content)
    assert reply["content"]["history"][-1][2] == "const kept = 'in history'"


def test_a_history_that_cannot_be_written_stops_no_cell(tmp_path: Path) -> None:
    with KernelSession(tmp_path, env={"JUPYTER_DATA_DIR": str(tmp_path)}) as session:
        session.run("1")
        with sqlite3.connect(tmp_path / "joulebook/typescript-history.sqlite") as database:
            database.execute("drop table inputs")
        assert session.run("2").result == "2"
        tail = {"output": False, "raw": True, "hist_access_type": "tail", "n": 1}
        assert session.request("history_request", tail)["content"]["history"] == []


def test_a_restart_is_announced(session: KernelSession) -> None:
    session.manager.restart_kernel(now=True)
    while session.broadcast("status")["content"]["execution_state"] != "starting":
        pass
    assert session.run("1").result == "1"


def test_kernel_info_on_both_channels(session: KernelSession) -> None:
    for channel in ("shell", "control"):
        info = session.request("kernel_info_request", channel=channel)["content"]
        assert info["protocol_version"] == "5.5"
        assert info["language_info"]["file_extension"] == ".ts"
        assert "Runs on" in info["banner"]


def test_banner_and_helpers_say_what_the_machine_computes_on(session: KernelSession) -> None:
    banner = str(session.request("kernel_info_request")["content"]["banner"])
    run = session.run("import { device } from 'kernel-helpers'\n(await device()).hardware")
    assert f"Runs on {(run.result or '').strip(chr(39))}" in banner


def test_subshells_are_refused_clearly(session: KernelSession) -> None:
    reply = session.request("create_subshell_request", channel="control")["content"]
    assert reply["status"] == "error"
    assert "no subshells" in reply["evalue"]


def test_input_asks_through_stdin(session: KernelSession) -> None:
    id_ = session.send(
        "const name = input('Name? ')\n"
        "const key = await input('Key? ', { password: true })\nname + key",
        allow_stdin=True,
    )
    for prompt, hidden, answer in (("Name? ", False, "Ada"), ("Key? ", True, "42")):
        request = session.client.get_stdin_msg(timeout=60)
        assert request["content"] == {"prompt": prompt, "password": hidden}
        session.client.input(answer)
    assert session.finish(id_).result == "'Ada42'"


def test_input_is_refused_where_nobody_can_answer(session: KernelSession) -> None:
    assert "cannot ask" in session.run("input()", allow_stdin=False).error["evalue"]


def test_a_comm_opened_by_the_kernel(session: KernelSession) -> None:
    run = session.run(
        "import { comms } from 'tslab'\nconst seen: unknown[] = []\n"
        "const comm = comms.open('widget', { a: 1 }, { buffers: [new Uint8Array([7])] })\n"
        "comm.onMessage(m => { seen.push(m.data, [...m.buffers[0]!]); comm.send({ back: 2 }) })"
    )
    opened = next(m for m in run.messages if m["msg_type"] == "comm_open")
    assert opened["content"]["target_name"] == "widget"
    assert bytes(opened["buffers"][0]) == b"\x07"
    comm_id = opened["content"]["comm_id"]
    info = session.request("comm_info_request", {"target_name": "widget"})["content"]
    assert info["comms"] == {comm_id: {"target_name": "widget"}}
    message = session.client.session.msg("comm_msg", {"comm_id": comm_id, "data": {"b": 1}})
    session.client.session.send(session.client.shell_channel.socket, message, buffers=[b"\x08"])
    answered = session.until_idle(message["header"]["msg_id"])
    assert [m["content"]["data"] for m in answered if m["msg_type"] == "comm_msg"] == [{"back": 2}]
    assert session.run("seen").result == "[ { b: 1 }, [ 8 ] ]"


def test_a_comm_opened_by_the_front_end(session: KernelSession) -> None:
    session.run(
        "import { comms } from 'tslab'\n"
        "comms.register('echo', (comm, first) => {\n"
        "comm.send(first.data); comm.onClose(() => console.log('closed')) })"
    )
    opened = session.client.session.msg(
        "comm_open", {"comm_id": "c1", "target_name": "echo", "data": {"x": 3}}
    )
    session.client.shell_channel.send(opened)
    answered = session.until_idle(opened["header"]["msg_id"])
    assert [m["content"]["data"] for m in answered if m["msg_type"] == "comm_msg"] == [{"x": 3}]
    closing = session.client.session.msg("comm_close", {"comm_id": "c1", "data": {}})
    session.client.shell_channel.send(closing)
    assert any(
        m["content"].get("text") == "closed\n"
        for m in session.until_idle(closing["header"]["msg_id"])
    )
    unknown = session.client.session.msg(
        "comm_open", {"comm_id": "c2", "target_name": "nobody", "data": {}}
    )
    session.client.shell_channel.send(unknown)
    kinds = [m["msg_type"] for m in session.until_idle(unknown["header"]["msg_id"])]
    assert "comm_close" in kinds


def test_late_errors_show_in_their_own_cell(session: KernelSession) -> None:
    id_ = session.send(
        "import { readFile } from 'node:fs'\nlet go = () => {}\n"
        "const gate = new Promise<void>(resolve => { go = resolve })\n"
        "void gate.then(() => { throw new Error('of a promise') })\n"
        "void gate.then(() => setTimeout(() => { throw new Error('of a timer') }, 1))\n"
        "void gate.then(() => readFile('/', () => { throw new Error('of a callback') }))"
    )
    assert session.finish(id_).status == "ok"
    other = session.send("console.log('other'); go(); 5")  # the errors come while it runs
    texts = {id_: "", other: ""}
    while not all(f"at Cell 1:{line}:" in texts[id_] for line in (4, 5, 6)):
        message = session.broadcast("stream")
        texts[message["parent_header"]["msg_id"]] += message["content"]["text"]
    for what in ("of a promise", "of a timer", "of a callback"):
        assert f"Error\x1b[39m: {what}" in texts[id_]
    assert texts[other] in ("", "other\n")
    assert session.run("1 + 1").result == "2"


def test_shutdown_is_answered_and_ends_the_process(session: KernelSession) -> None:
    reply = session.request("shutdown_request", {"restart": False}, channel="control")
    assert reply["content"] == {"status": "ok", "restart": False}
    assert session.manager.provisioner is not None
    session.manager.provisioner.process.wait(timeout=60)  # type: ignore[attr-defined]
