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

from .conftest import Published

SCREENSHOTS = ROOT / "test/e2e/screenshots"


LOOKS = ("phone", "light", "dark")


@pytest.fixture(scope="session")
def seen(published: Published, published_hostile: Published) -> dict[str, list[dict[str, Any]]]:
    """What the browser finds in each look, by page: its folder's name and its own."""
    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium") or "chromium"
    SCREENSHOTS.mkdir(exist_ok=True)
    pages = [published.site / "index.html", *published.pages("03-tutorial")]
    pages += published_hostile.pages("hostile")
    search = f"{published.site / 'search.html'}?q=loss"
    done = subprocess.run(
        ["node", Path(__file__).parent / "look.mjs", chromium, SCREENSHOTS, *pages, search],
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, list[dict[str, Any]]] = {}
    for each in json.loads(done.stdout):
        found.setdefault(each["page"], []).append(each)
    assert {len(looks) for looks in found.values()} == {len(LOOKS)}
    return found


Seen = dict[str, list[dict[str, Any]]]
PAGES = ["site-index", "site-03-tutorial", "single-03-tutorial", "site-hostile", "single-hostile"]


@pytest.mark.parametrize("page", PAGES)
def test_pages_are_whole_and_open_to_all(seen: Seen, page: str) -> None:
    for look in seen[page]:
        where = look["name"]
        assert look["troubles"] == [], where
        assert look["violations"] == [], where
        assert look["withoutAlt"] == 0, where
        assert not look["pwned"], where
        if "hostile" not in page:
            assert look["overflow"] <= 0, where
        if "tutorial" in page:
            assert (look["badges"], look["figures"], look["formulas"]) == (5, 1, 2), where
        dark = sum(map(int, look["ground"].split("(")[1].rstrip(")").split(",")[:3])) < 384
        assert dark == (where == "dark"), where


def test_the_search_finds_every_tutorial_without_a_server(seen: Seen) -> None:
    for look in seen["site-search"]:
        assert look["results"] == 12, look["name"]
        assert look["violations"] == [], look["name"]
