"""Completion, inspection and completeness, for the helpers' and TensorFlow.js's names too."""

from __future__ import annotations

import time
from pathlib import Path

from kernel_session import PATIENCE, KernelSession, Message


def complete(session: KernelSession, code: str) -> Message:
    """The content of `complete_reply` at the end of the code."""
    return dict(
        session.request("complete_request", {"code": code, "cursor_pos": len(code)})["content"]
    )


def inspect(session: KernelSession, code: str, at: int) -> str:
    """What is shown of the name at a place."""
    content = {"code": code, "cursor_pos": at, "detail_level": 0}
    return str(session.request("inspect_request", content)["content"]["data"].get("text/plain", ""))


def test_completion_knows_earlier_cells_and_types(shared: KernelSession) -> None:
    shared.run("const bicycle = { wheels: 2, ring() {} }")
    assert complete(shared, "bicy")["matches"] == ["bicycle"]
    reply = complete(shared, "bicycle.")
    assert reply["matches"] == ["ring", "wheels"]
    types = reply["metadata"]["_jupyter_types_experimental"]
    assert [(t["text"], t["type"], t["signature"]) for t in types] == [
        ("ring", "method", "() => void"),
        ("wheels", "property", "number"),
    ]


def test_completion_of_helpers_and_tensorflow(shared: KernelSession) -> None:
    shared.run("import * as tf from '@tensorflow/tfjs'\nimport * as helpers from 'kernel-helpers'")
    assert "tensor2d" in complete(shared, "tf.tens")["matches"]
    assert "gradientDescent" in complete(shared, "helpers.grad")["matches"]


def test_completion_of_module_names_and_of_what_they_export(shared: KernelSession) -> None:
    shared.write("local.ts", "export const half = 0.5")
    for typed, start, matches in (
        ("import { half } from './", 24, ["local"]),
        ("import { half } from './lo", 24, ["local"]),
        ("import { f } from 'node:fs/pro", 27, ["promises"]),
        ("import * as tf from '@tensor", 21, ["@tensorflow/tfjs"]),
        ("const help = await import('kernel-", 27, ["kernel-helpers"]),
    ):
        reply = complete(shared, typed)
        assert (reply["matches"], reply["cursor_start"]) == (matches, start), typed
    inside = {"code": "import { jo } from 'node:path'", "cursor_pos": 11}
    assert shared.request("complete_request", inside)["content"]["matches"] == ["join"]


def test_comments_and_strings_are_not_completed_with_imports(shared: KernelSession) -> None:
    for prose in ("// gradientDes", "/** gradientDes", "const s = 'gradientDes", "`gradientDes"):
        assert complete(shared, prose)["matches"] == [], prose


def test_inspection_shows_type_and_documentation(shared: KernelSession) -> None:
    shared.run("/** Doubles. @param x How much. */\nfunction twice(x: number) { return 2 * x }")
    text = inspect(shared, "twice(1)", 3)
    assert "function twice(x: number): number" in text
    assert "Doubles." in text


def test_inspection_inside_a_call_shows_its_signature(shared: KernelSession) -> None:
    shared.run("/** Adds. @param b The second. */\nfunction add(a: number, b: string) {}")
    text = inspect(shared, "add(1, ", 7)
    assert "add(a: number, b: string): void" in text
    assert "**b**: The second." in text


def test_nothing_is_found_where_nothing_is(shared: KernelSession) -> None:
    content = {"code": "1 + 1", "cursor_pos": 2}
    assert shared.request("inspect_request", content)["content"]["found"] is False


def test_auto_import_is_suggested(shared: KernelSession) -> None:
    reply = complete(shared, "gradientDes")
    types = reply["metadata"]["_jupyter_types_experimental"]
    assert types[0]["text"] == "gradientDescent"
    assert types[0]["signature"] == "import { gradientDescent } from 'kernel-helpers'"


def test_installed_packages_are_known_before_a_cell_imports_them(tmp_path: Path) -> None:
    package = tmp_path / "node_modules/wheels"
    package.mkdir(parents=True)
    (package / "package.json").write_text('{ "name": "wheels", "types": "index.d.ts" }')
    (package / "index.d.ts").write_text("export declare function countSpokes(): number")
    (tmp_path / "package.json").write_text('{ "dependencies": { "wheels": "1.0.0" } }')
    with KernelSession(tmp_path) as session:
        until = time.monotonic() + PATIENCE
        while not (matches := complete(session, "countSpo")["matches"]):
            assert time.monotonic() < until
            time.sleep(0.1)  # the checker reads packages while nobody asks
        assert matches == ["countSpokes"]


def test_completeness_tells_the_indent(shared: KernelSession) -> None:
    def ask(code: str) -> tuple[str, str]:
        content = shared.request("is_complete_request", {"code": code})["content"]
        return content["status"], content.get("indent", "")

    assert ask("if (a) {\n  b()") == ("incomplete", "  ")
    assert ask("if (a) {") == ("incomplete", "  ")
    assert ask("f(1)") == ("complete", "")
    assert ask("f(1))")[0] == "invalid"
