"""The API reference: every entry of the library and every export of it is described."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

from conftest import ROOT

MAKE = "import { writeApi } from './scripts/steps/api.mjs'; writeApi(process.argv[1]);"


def test_every_entry_and_export_of_the_library_is_described(tmp_path: Path) -> None:
    command = ["node", "--input-type=module", "--eval", MAKE, str(tmp_path / "api")]
    subprocess.run(command, cwd=ROOT, check=True, timeout=120)
    pages = {page.stem: page.read_text() for page in (tmp_path / "api").glob("*.md")}
    index = pages.pop("index")
    assert len(pages) == index.count(".md)") > 10
    silent = []
    for name, page in pages.items():
        intro, *exports = re.split(r"^## ", page, flags=re.M)
        if not intro.split("\n", 1)[1].strip():
            silent.append(name)
        for export in exports:
            title, rest = export.split("\n", 1)
            if not re.sub(r"```.*?```", "", rest, flags=re.S).strip():
                silent.append(f"{name}: {title}")
    assert silent == []
