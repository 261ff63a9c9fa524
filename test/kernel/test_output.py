"""What cells print and show."""

from __future__ import annotations

import re

from kernel_session import KernelSession


def test_a_hundred_thousand_prints_arrive_whole_and_in_order(shared: KernelSession) -> None:
    run = shared.run("for (let i = 0; i < 100_000; i++) console.log(i)")
    assert run.text() == "".join(f"{n}\n" for n in range(100_000))
    assert len(run.of("stream")) < 200


def test_streams_keep_their_order_among_each_other(shared: KernelSession) -> None:
    run = shared.run("for (const n of [1, 2, 3]) { console.log('o' + n); console.error('e' + n) }")
    parts = [(c["name"], c["text"]) for c in run.of("stream")]
    assert parts == [(s, f"{s[3]}{n}\n") for n in (1, 2, 3) for s in ("stdout", "stderr")] or [
        text for _, text in parts
    ] == ["o1\n", "e1\n", "o2\n", "e2\n", "o3\n", "e3\n"]


def test_prints_stand_before_the_value_and_between_displays(shared: KernelSession) -> None:
    run = shared.run(
        "import { display } from 'tslab'\n"
        "console.log('a'); display.html('b'); process.stdout.write('c'); 'd'"
    )
    assert run.kinds == [
        *("busy", "execute_input", "stream", "display_data", "stream"),
        *("execute_result", "idle"),
    ]


def test_colours_pass_in_streams_but_not_in_values(shared: KernelSession) -> None:
    run = shared.run("process.stdout.write('\\u001b[32mok\\u001b[0m\\rdone\\n'); ({ a: [1, 'x'] })")
    assert run.text() == "\x1b[32mok\x1b[0m\rdone\n"
    assert run.result == "{ a: [ 1, 'x' ] }"


def test_console_table(shared: KernelSession) -> None:
    assert "│ 0       │ 1 │" in shared.run("console.table([{ a: 1 }])").text()


def test_prints_of_timers_belong_to_their_cell(session: KernelSession) -> None:
    id_ = session.send("setTimeout(() => console.log('late'), 150)")
    session.finish(id_)
    session.run("console.log('other')")
    assert session.broadcast("stream", id_)["content"]["text"] == "late\n"


def test_children_that_inherit_streams_print_in_their_cell(shared: KernelSession) -> None:
    run = shared.run(
        "import { execSync, fork, spawn } from 'node:child_process'\n"
        "import { once } from 'node:events'\n"
        "await once(spawn('sh', ['-c', 'echo a; echo b >&2'], { stdio: 'inherit' }), 'close')\n"
        "execSync('echo c; echo d >&2', { stdio: ['ignore', 'inherit', 'pipe'] })\n"
        "execSync('echo e').toString()"
    )
    assert (run.text(), run.text("stderr"), run.result) == ("a\nc\n", "b\n", "'e\\n'")
    shared.write("child.cjs", "console.log('f'); process.send(7)")
    forked = shared.run(
        "const [got] = await once(fork('child.cjs').on('close', () => 0), 'message'); got"
    )
    assert forked.result == "7"
    failed = shared.run("execSync('echo g; exit 3', { stdio: 'inherit' })")
    assert (failed.text(), failed.status) == ("g\n", "error")


def test_tslab_shows_all_kinds(shared: KernelSession) -> None:
    run = shared.run(
        "import * as tslab from 'tslab'\nconst bytes = new Uint8Array([137, 80])\n"
        "tslab.display.html('<i>h</i>'); tslab.display.markdown('# m')\n"
        "tslab.display.latex('$l$')\n"
        "tslab.display.svg('<svg/>'); tslab.display.png(bytes); tslab.display.jpeg(bytes)\n"
        "tslab.display.gif(bytes); tslab.display.pdf(bytes); tslab.display.text('t')\n"
        "tslab.display.javascript('1'); tslab.display.raw('application/json', { a: 1 })"
    )
    shown = [c["data"] for c in run.of("display_data")]
    assert shown == [
        {"text/html": "<i>h</i>"},
        {"text/markdown": "# m"},
        {"text/latex": "$l$"},
        {"image/svg+xml": "<svg/>"},
        *({kind: "iVA="} for kind in ("image/png", "image/jpeg", "image/gif", "application/pdf")),
        {"text/plain": "t"},
        {"text/javascript": "1"},
        {"application/json": {"a": 1}},
    ]


def test_a_display_overwrites_itself(shared: KernelSession) -> None:
    run = shared.run(
        "import { newDisplay } from 'tslab'\nconst d = newDisplay(); d.text('1'); d.text('2')"
    )
    [first] = run.of("display_data")
    [second] = run.of("update_display_data")
    assert first["transient"] == second["transient"]
    assert first["transient"]["display_id"]
    assert second["data"] == {"text/plain": "2"}


def test_libraries_show_through_the_symbol(shared: KernelSession) -> None:
    run = shared.run(
        "const show = Reflect.get(globalThis, Symbol.for('joulebook.display'))\n"
        "show({ 'text/plain': 'x' }, { displayId: 'one', metadata: { m: 1 } })"
    )
    [content] = run.of("display_data")
    assert content == {
        "data": {"text/plain": "x"},
        "metadata": {"m": 1},
        "transient": {"display_id": "one"},
    }
    wrong = shared.run("show({ plain: 'x' })")
    assert 'got "plain"' in wrong.error["evalue"]


def test_clear_output(shared: KernelSession) -> None:
    run = shared.run("import { clearOutput } from 'tslab'\nclearOutput(true)")
    assert run.of("clear_output") == [{"wait": True}]


def test_arrays_of_objects_show_as_tables(shared: KernelSession) -> None:
    data = shared.run("[{ a: 1, b: '<x>' }, { a: 2 }]").data
    assert "<td>1</td><td>&lt;x&gt;</td>" in data["text/html"]
    assert data["text/plain"] == "[ { a: 1, b: '<x>' }, { a: 2 } ]"
    assert "text/html" not in shared.run("[1, 2]").data


def test_tensors_show_shape_type_and_a_preview(shared: KernelSession) -> None:
    shared.run("import * as tf from '@tensorflow/tfjs'")
    assert shared.run("tf.tensor2d([[1, 2], [3, 4.5]])").result == (
        "Tensor float32 [2, 2]\n[[1, 2],\n [3, 4.5]]"
    )
    assert shared.run("tf.scalar(5)").result == "Tensor float32 []\n5"
    big = shared.run("const before = tf.memory().numTensors; const big = tf.ones([1000, 100]); big")
    assert big.result == "Tensor float32 [1000, 100]\n[1, 1, 1, 1, 1, 1, …]"
    assert shared.run("tf.memory().numTensors - before").result == "1"


def test_tensorflow_gives_no_advice_that_leads_nowhere(session: KernelSession) -> None:
    run = session.run("import * as tf from '@tensorflow/tfjs'\ntf.tensor1d([1, 2]).print()")
    assert "[1, 2]" in run.text()
    assert run.text("stderr") == ""


def test_tensors_print_within_other_values(shared: KernelSession) -> None:
    run = shared.run(
        "import * as tf from '@tensorflow/tfjs'\n"
        "console.log(tf.tensor1d([1, 2]), { big: tf.ones([1000]) })"
    )
    assert run.text() == (
        "Tensor float32 [2] [1, 2] { big: Tensor float32 [1000] [1, 1, 1, 1, 1, 1, …] }\n"
    )


def test_figures_show_with_a_still_image(shared: KernelSession) -> None:
    data = shared.run(
        "({ data: [{ type: 'bar', x: ['a', 'b'], y: [1, 3] }, { y: [1, 2], mode: 'lines' }],"
        " layout: { title: { text: 'T & U' } } })"
    ).data
    assert data["application/vnd.plotly.v1+json"]["layout"] == {"title": {"text": "T & U"}}
    svg = data["image/svg+xml"]
    assert svg.startswith("<svg") and "T &amp; U" in svg
    assert len(re.findall("<rect", svg)) >= 3 and "<polyline" in svg


def test_objects_can_show_themselves(shared: KernelSession) -> None:
    data = shared.run(
        "({ [Symbol.for('Jupyter.display')]: () => ({ 'text/html': '<u>me</u>' }) })"
    ).data
    assert data == {"text/html": "<u>me</u>"}


def test_long_values_are_shortened(shared: KernelSession) -> None:
    assert len(shared.run("'x'.repeat(1e6)").result or "") < 20_000
    assert "more items" in (shared.run("Array.from({ length: 1000 }, (_, i) => i)").result or "")


def test_a_value_whose_display_throws_fails_its_cell_only(shared: KernelSession) -> None:
    run = shared.run("({ [Symbol.for('Jupyter.display')]() { throw new Error('no view') } })")
    assert run.error["evalue"] == "no view"
    assert shared.run("1").result == "1"
