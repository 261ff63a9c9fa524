"""What TypeScript means in cells."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

import pytest
from cases import CASES, Case
from kernel_session import KernelSession


def plain(text: str) -> str:
    """Text without ANSI sequences, and without the numbers of cells."""
    return re.sub(r"Cell \d+", "Cell", re.sub(r"\x1b\[[0-9;]*m", "", text))


def check(case: Case, session: KernelSession) -> None:
    """Runs a case's cells and compares what the last one gave."""
    *before, last = case.cells
    for cell in before:
        run = session.run(cell)
        assert run.status == "ok", run.error
    run = session.run(last)
    if case.error is None:
        assert run.status == "ok", run.error
        assert run.result == case.result
    else:
        content = run.error
        shown = "\n".join([content["ename"], content["evalue"], *content["traceback"]])
        assert case.error in plain(shown)
    if case.stdout is not None:
        assert run.text() == case.stdout


# Every cell declares its names again, so these share a kernel and test each other too.
@pytest.mark.parametrize("case", [c for c in CASES if not c.files], ids=lambda case: case.name)
def test_case(case: Case, shared: KernelSession) -> None:
    check(case, shared)


@pytest.mark.parametrize("case", [c for c in CASES if c.files], ids=lambda case: case.name)
def test_case_with_files(case: Case, tmp_path: Path) -> None:
    # A kernel reads its folder's tsconfig.json when it starts.
    for name, text in case.files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    with KernelSession(tmp_path) as session:
        check(case, session)


def test_a_local_file_loads_anew_after_an_edit(session: KernelSession) -> None:
    session.write("a.ts", "import { b } from './b'\nexport const a = () => b * 2")
    path = session.write("b.ts", "export const b: number = 1")
    assert session.run("import { a } from './a'\na()").result == "2"
    edit(path, "export const b: number = 5")
    assert session.run("import { a } from './a'\na()").result == "10"
    edit(path, "export const b: string = 5")
    assert "not assignable" in session.run("import { a } from './a'\na()").error["evalue"]


def test_a_mistake_in_a_local_file_stops_only_the_cells_that_import_it(
    session: KernelSession,
) -> None:
    session.write("uses.ts", "import { k } from './base'\nexport const twice = k * 2")
    path = session.write("base.ts", "export const k: number = 1")
    use = "import { twice } from './uses'\ntwice"
    assert session.run(use).result == "2"
    edit(path, "export const k: string = 'x'")  # right by itself, wrong for the file that uses it
    assert session.run("1 + 1").result == "2"
    wrong = session.run(use)
    assert "uses.ts:2:22" in plain(wrong.error["traceback"][0])
    edit(path, "export const k: number = 4")
    assert session.run(use).result == "8"
    missing = session.run("import { none } from './base'").error["evalue"]
    assert "Module '\"./base.ts\"' has no exported member" in missing


def test_commands_of_pythons_kernel_are_explained(shared: KernelSession) -> None:
    for command in ("%time 1 + 1", "%%bash\nls", "!npm install lodash", "!ls"):
        assert "commands of Python's kernel" in shared.run(command).error["evalue"], command
    assert "commands of" not in shared.run("const no: number = 'x'\n!no").error["evalue"]


def test_an_installed_package_is_found_without_a_restart(session: KernelSession) -> None:
    assert "Cannot find module" in session.run("import { k } from 'late'").error["evalue"]
    manifest = {"name": "late", "type": "module", "types": "i.d.ts", "main": "i.js"}
    session.write("node_modules/late/package.json", json.dumps(manifest))
    session.write("node_modules/late/i.js", "export const k = 1")
    session.write("node_modules/late/i.d.ts", "export declare const k: number")
    assert session.run("import { k } from 'late'\nk").result == "1"


def test_a_package_that_fails_to_load_fails_its_cell_only(session: KernelSession) -> None:
    session.write("node_modules/bad/package.json", '{"name":"bad","main":"i.js"}')
    session.write("node_modules/bad/i.js", "throw new Error('cannot load')")
    assert session.run("import * as bad from 'bad'").error["evalue"] == "cannot load"
    assert session.run("1 + 1").result == "2"


def edit(path: Path, text: str) -> None:
    """Changes a file so that its time of change differs, however coarse the clock of files is."""
    before = path.stat().st_mtime_ns
    path.write_text(text)
    os.utime(path, ns=(before + 2_000_000_000, before + 2_000_000_000))
