"""The command that publishes, and what it made of notebooks that several tests look at."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from joulebook.publish.command import main

from conftest import BIN

from .hostile import hostile
from .notebooks import tutorial

Publish = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def publish(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Publish:
    """Runs a command in this process, with folders in which no history is."""
    without_history(tmp_path, monkeypatch)
    return run_here


def without_history(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("RUNTIME", "DATA"):
        monkeypatch.setenv(f"JUPYTER_{name}_DIR", str(folder / name))


def run_here(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """What the program does after it has started, which takes longer than most commands."""
    given = [str(argument) for argument in arguments]
    with redirect_stdout(StringIO()) as out, redirect_stderr(StringIO()) as err:
        try:
            code = main(given)
        except SystemExit as left:
            code = int(left.code or 0)
    return subprocess.CompletedProcess(given, code, out.getvalue(), err.getvalue())


@dataclass
class Published:
    """Notebooks that several tests look at, as a site and as single pages."""

    site: Path
    single: Path
    result: dict[str, Any]
    """What `publish --json` said of the site."""

    def pages(self, name: str) -> list[Path]:
        return [folder / f"{name}.html" for folder in (self.site, self.single)]


@pytest.fixture(scope="session")
def published(tmp_path_factory: pytest.TempPathFactory) -> Published:
    """Twelve tutorials, by the program itself."""
    folder = tmp_path_factory.mktemp("tutorials")
    for number in range(1, 13):
        tutorial(folder / f"nb/{number:02d}-tutorial.ipynb", f"Tutorial {number}")
    return publish_both(folder, "nb", "nb/03-tutorial.ipynb")


@pytest.fixture(scope="session")
def published_hostile(tmp_path_factory: pytest.TempPathFactory) -> Published:
    folder = tmp_path_factory.mktemp("hostile")
    (folder / "secret.txt").write_text("the secret")
    hostile(folder / "nb/hostile.ipynb")
    return publish_both(folder, "nb", "nb")


def publish_both(folder: Path, site: str, single: str) -> Published:
    """Publishes a folder as a site and a notebook, or the folder, as single pages."""
    env = {**os.environ, **{f"JUPYTER_{n}_DIR": str(folder / n) for n in ("RUNTIME", "DATA")}}

    def run(*arguments: str) -> str:
        command = [BIN / "joulebook", "publish", *arguments]
        done = subprocess.run(
            command, env=env, cwd=folder, capture_output=True, text=True, timeout=180
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    result = json.loads(run(site, "-o", "site", "--json"))
    run(single, "--single", "-o", "single")
    return Published(folder / "site", folder / "single", result)
