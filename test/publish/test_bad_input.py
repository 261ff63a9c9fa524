"""Notebooks that are broken, huge or hostile, and folders that are not ours."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from bs4 import BeautifulSoup, Tag
from joulebook.publish.figures import MIME

from .conftest import Publish, Published
from .notebooks import code, printed, write


def is_code(script: Tag) -> bool:
    return script.get("type") != "application/json"


@pytest.mark.parametrize("how", ["site", "single"])
def test_hostile_html_and_metadata_do_nothing(published_hostile: Published, how: str) -> None:
    out: Path = getattr(published_hostile, how)
    page = (out / "hostile.html").read_text()
    soup = BeautifulSoup(page, "html.parser")
    for element in soup.find_all(True):
        addresses = [str(element.get(name, "")) for name in ("href", "src")]
        assert not any(name.startswith("on") for name in element.attrs), element
        assert not any(a.strip().lower().startswith("javascript:") for a in addresses), element
        assert not any("127.0.0.1:9" in address for address in addresses), element
    assert not soup.find_all(["iframe", "object", "embed"])
    assert not [
        s for s in soup.find_all("script") if s.string and "pwned" in s.string and is_code(s)
    ]
    assert not [b for b in soup.select(".joulebook-badge") if "0 J, measured" in b.text]
    assert "root:x:0" not in page and "the secret" not in page
    everything = [p for p in out.rglob("*") if p.is_file()]
    assert not [p for p in everything if b"the secret" in p.read_bytes()]


def test_a_failed_notebook_is_published_and_says_so(publish: Publish, tmp_path: Path) -> None:
    error = nbformat.v4.new_output(
        "error", ename="ZeroDivisionError", evalue="by zero", traceback=["\x1b[31mby zero\x1b[0m"]
    )
    write(tmp_path / "a.ipynb", code("1/0", error))
    done = publish("publish", tmp_path / "a.ipynb", "-o", tmp_path / "site")
    assert "cell 1 ended with ZeroDivisionError" in done.stdout
    page = (tmp_path / "site/a.html").read_text()
    assert "cell 1 ended with ZeroDivisionError" in page and "\x1b" not in page


def test_a_notebook_without_kernel_and_without_a_run_says_so(
    publish: Publish, tmp_path: Path
) -> None:
    write(tmp_path / "a.ipynb", nbformat.v4.new_code_cell("1"), kernel=None)
    done = publish("publish", tmp_path / "a.ipynb", "-o", tmp_path / "site")
    assert done.returncode == 0, done.stderr
    assert "without having been run" in done.stdout and "names no kernel" in done.stdout


def test_outputs_of_200_megabytes_are_cut_and_named(publish: Publish, tmp_path: Path) -> None:
    write(tmp_path / "a.ipynb", code("print('x' * 2 * 10**8)", printed("0123456789" * 20_000_000)))
    done = publish("publish", tmp_path / "a.ipynb", "--single", "-o", tmp_path / "out")
    assert done.returncode == 0, done.stderr
    assert "cell 1: text of 200.0 MB was cut" in done.stdout
    assert (tmp_path / "out/a.html").stat().st_size < 1_000_000


@pytest.mark.parametrize("how", ["--single", "--latex"])
def test_figures_of_numbers_that_no_machine_holds_are_drawn_without_them(
    publish: Publish, tmp_path: Path, how: str
) -> None:
    y = [1, "HUGE", 10**400, 3]
    layout = {"yaxis": {"type": "log", "range": [-1e9, 1e9]}, "xaxis": {"range": ["HUGE", 3]}}
    data = [{"type": [], "y": y}, {"y": y, "error_y": {"array": y}}]
    chart = nbformat.v4.new_output("display_data", data={MIME: {"data": data, "layout": layout}})
    huge = code("1", energy=(1, 0, 2, "measured"))
    huge.metadata["joulebook"]["total"]["joules"] = 10**400
    path = write(tmp_path / "nb/a.ipynb", code("plot", chart), huge)
    path.write_text(path.read_text().replace('"HUGE"', "1e999"))
    done = publish("publish", tmp_path / "nb", how, "-o", tmp_path / "out")
    assert done.returncode == 0, done.stderr


def test_a_file_that_is_too_large_is_refused(publish: Publish, tmp_path: Path) -> None:
    path = tmp_path / "a.ipynb"
    with path.open("wb") as file:
        file.truncate(300 * 1024 * 1024)
    done = publish("publish", path, "-o", tmp_path / "site")
    assert (done.returncode, (tmp_path / "site").exists()) == (1, False)
    assert "a.ipynb has 314.6 MB" in done.stderr


def test_what_is_no_notebook_leaves_the_old_site_whole(publish: Publish, tmp_path: Path) -> None:
    write(tmp_path / "nb/a.ipynb", code("1"))
    publish("publish", tmp_path / "nb", "--single", "-o", tmp_path / "site")
    before = (tmp_path / "site/a.html").read_bytes()
    for text in ("", "[1]", '{"cells": 3, "nbformat": 4}', "\x00\x01"):
        (tmp_path / "nb/b.ipynb").write_text(text)
        done = publish("publish", tmp_path / "nb", "--single", "-o", tmp_path / "site")
        assert done.returncode == 1, text
        assert "b.ipynb is no notebook that can be read" in done.stderr, text
        assert (tmp_path / "site/a.html").read_bytes() == before, text
        assert {p.name for p in tmp_path.iterdir()} == {"nb", "site"}, text


def test_a_folder_that_is_not_ours_stays_as_it_is(publish: Publish, tmp_path: Path) -> None:
    write(tmp_path / "nb/a.ipynb", code("1"))
    (tmp_path / "site").mkdir()
    (tmp_path / "site/thesis.tex").write_text("years of work")
    done = publish("publish", tmp_path / "nb", "--single", "-o", tmp_path / "site", "--json")
    assert done.returncode == 1
    assert json.loads(done.stdout)["error"]["code"] == "publish/folder-not-empty"
    assert "thesis.tex" in done.stderr
    assert [p.name for p in (tmp_path / "site").iterdir()] == ["thesis.tex"]


def test_the_folder_of_the_notebooks_is_no_output(publish: Publish, tmp_path: Path) -> None:
    write(tmp_path / "nb/a.ipynb", code("1"))
    done = publish("publish", tmp_path / "nb", "--single", "-o", tmp_path / "nb")
    assert done.returncode == 1 and "holds what is to be published" in done.stderr


def test_a_site_of_ours_is_replaced_whole(publish: Publish, tmp_path: Path) -> None:
    write(tmp_path / "nb/old.ipynb", code("1"))
    publish("publish", tmp_path / "nb", "--single", "-o", tmp_path / "site")
    (tmp_path / "nb/old.ipynb").rename(tmp_path / "nb/new.ipynb")
    publish("publish", tmp_path / "nb", "--single", "-o", tmp_path / "site")
    assert {p.name for p in (tmp_path / "site").iterdir()} == {"new.html", "joulebook-site.json"}


def test_wrong_usage_has_code_2(publish: Publish, tmp_path: Path) -> None:
    assert publish("publish", tmp_path).returncode == 2
    assert publish("publish", "--no-such-option").returncode == 2
    nothing = publish("publish", tmp_path / "nothing", "-o", tmp_path / "site")
    assert nothing.returncode == 1 and "nothing at" in nothing.stderr


def test_without_sphinx_a_site_is_refused_with_the_command_that_helps(tmp_path: Path) -> None:
    write(tmp_path / "a.ipynb", code("1"))
    hidden = "docutils", "furo", "myst_nb", "sphinx"
    program = (
        f"import sys; sys.modules.update(dict.fromkeys({hidden}));"
        "from joulebook.publish.command import main; sys.exit(main(sys.argv[1:]))"
    )

    def publish_without(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-c", program, "publish", "a.ipynb", *arguments]
        return subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)

    site = publish_without("-o", "site")
    assert site.returncode == 1
    assert site.stderr.startswith("error: a site needs the Python package"), site.stderr
    assert "pip install 'joulebook[publish]'" in site.stderr
    assert not (tmp_path / "site").exists()
    single = publish_without("--single", "-o", "pages")
    assert single.returncode == 0, single.stderr
