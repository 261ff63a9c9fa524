"""Published pages in a real browser, with the network shut."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from conftest import ROOT

from .conftest import Publish, tutorial
from .test_bad_input import hostile

SCREENSHOTS = ROOT / "test/e2e/screenshots"


def look(*pages: Path, looks: str = "light,dark,phone") -> list[dict[str, Any]]:
    """What the browser finds on each page, in each look."""
    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium") or "chromium"
    SCREENSHOTS.mkdir(exist_ok=True)
    done = subprocess.run(
        ["node", Path(__file__).parent / "look.mjs", chromium, SCREENSHOTS, looks, *pages],
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    found: list[dict[str, Any]] = json.loads(done.stdout)
    assert len(found) == len(looks.split(",")) * len(pages)
    return found


@pytest.mark.parametrize("how", [(), ("--single",)], ids=["site", "single"])
def test_pages_are_whole_and_open_to_all(
    publish: Publish, tmp_path: Path, how: tuple[str, ...]
) -> None:
    name = "page-single" if how else "page-site"
    tutorial(tmp_path / f"nb/{name}.ipynb", "Tutorial")
    done = publish("publish", tmp_path / "nb", "-o", tmp_path / "out", *how)
    assert done.returncode == 0, done.stderr
    pages = [tmp_path / f"out/{name}.html"]
    if not how:
        pages.append(tmp_path / "out/index.html")
    for seen in look(*pages):
        where = f"{seen['page']} {seen['name']}"
        assert seen["troubles"] == [], where
        assert seen["violations"] == [], where
        assert seen["overflow"] <= 0, where
        assert seen["withoutAlt"] == 0, where
        if seen["page"] != "index.html":
            assert (seen["badges"], seen["figures"], seen["formulas"]) == (5, 1, 2), where
        dark = sum(map(int, seen["ground"].split("(")[1].rstrip(")").split(",")[:3])) < 384
        assert dark == (seen["name"] == "dark"), where


@pytest.mark.parametrize("how", [(), ("--single",)], ids=["site", "single"])
def test_a_hostile_page_does_nothing(
    publish: Publish, tmp_path: Path, how: tuple[str, ...]
) -> None:
    name = "hostile-single" if how else "hostile-site"
    hostile(tmp_path / f"nb/{name}.ipynb")
    publish("publish", tmp_path / "nb", "-o", tmp_path / "out", *how)
    for seen in look(tmp_path / f"out/{name}.html", looks="light"):
        assert not seen["pwned"]
        assert seen["troubles"] == []
        assert seen["violations"] == []
