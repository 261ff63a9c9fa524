"""mystmd, as users of Jupyter Book 2 run it, without the network."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

from conftest import ROOT


def build(folder: Path, plugin: str) -> str:
    """Exports a.ipynb to Markdown with the plugin and gives the text."""
    project = {"title": "Test", "plugins": [plugin]}
    # YAML holds JSON.
    (folder / "myst.yml").write_text(json.dumps({"version": 1, "project": project}))
    done = subprocess.run(
        [
            "node",
            ROOT / "node_modules/mystmd/dist/myst.cjs",
            "build",
            "a.ipynb",
            "--md",
            "-o",
            "a.md",
        ],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert (folder / "a.md").exists(), done.stdout + done.stderr
    return (folder / "a.md").read_text()
