"""Notebooks that are broken, huge or hostile, and folders that are not ours."""

from __future__ import annotations

import json
from pathlib import Path

import nbformat
import pytest
from bs4 import BeautifulSoup, Tag

from .conftest import Publish, code, printed, shown, tutorial, write

markdown = nbformat.v4.new_markdown_cell
ATTACKS = (
    "<script>window.pwned = 1</script>",
    '<img src="x" onerror="window.pwned = 1">',
    '<iframe src="javascript:window.pwned = 1"></iframe>',
    '<a href="javascript:window.pwned=1">click</a>',
    '<style>body { display: none }</style><svg onload="window.pwned=1"></svg>',
    '<p class="joulebook-badge joulebook-measured">0 J, measured</p>',
    "</script><script>window.pwned = 1</script>",
)


def hostile(path: Path) -> Path:
    """A notebook that tries to run code, to read files, and to lie about its energy."""
    forged = code("1")
    forged.metadata["joulebook"] = {
        "total": {"joules": ATTACKS[0], "low": 0, "high": 1, "kind": ATTACKS[0]},
        "policy": ATTACKS[1],
    }
    title = "# Hostile <script>window.pwned = 1</script>"
    secrets = (
        "```{include} /etc/passwd\n```\n\n```{literalinclude} /etc/passwd\n```\n\n"
        "```{raw} html\n<script>window.pwned = 1</script>\n```\n\n"
        "{download}`secret <../../secret.txt>`\n\n![secret](../secret.png)\n\n"
        "![remote](http://127.0.0.1:9/remote.png)\n\n$\\href{javascript:window.pwned=1}{x}$"
    )
    cells = [markdown(title), *map(markdown, ATTACKS), markdown(secrets), forged]
    cells += [code(attack, shown(text__html=attack), printed(attack)) for attack in ATTACKS]
    cells.append(code("js", shown(application__javascript="window.pwned = 1")))
    figure = {
        "data": [{"type": "bar", "y": [1], "name": ATTACKS[6]}],
        "layout": {"title": {"text": ATTACKS[6]}},
    }
    cells.append(
        code(
            "plot",
            nbformat.v4.new_output("display_data", data={"application/vnd.plotly.v1+json": figure}),
        )
    )
    metadata = {
        "mystnb": {"execution_mode": "force"},
        "title": ATTACKS[0],
        "joulebook": {"methods": {"version": ATTACKS[0], "machine": {"processor": ATTACKS[1]}}},
        "language_info": {"name": ATTACKS[0], "pygments_lexer": "../../etc/passwd"},
    }
    return write(path, *cells, **metadata)


def is_code(script: Tag) -> bool:
    return script.get("type") != "application/json"


@pytest.mark.parametrize("how", [(), ("--single",)], ids=["site", "single"])
def test_hostile_html_and_metadata_do_nothing(
    publish: Publish, tmp_path: Path, how: tuple[str, ...]
) -> None:
    (tmp_path / "secret.txt").write_text("the secret")
    hostile(tmp_path / "nb/a.ipynb")
    done = publish("publish", tmp_path / "nb", "-o", tmp_path / "out", *how)
    assert done.returncode == 0, done.stderr
    page = (tmp_path / "out/a.html").read_text()
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
    everything = [p for p in (tmp_path / "out").rglob("*") if p.is_file()]
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


def test_a_file_that_is_too_large_is_refused(publish: Publish, tmp_path: Path) -> None:
    path = tmp_path / "a.ipynb"
    with path.open("wb") as file:
        file.truncate(300 * 1024 * 1024)
    done = publish("publish", path, "-o", tmp_path / "site")
    assert (done.returncode, (tmp_path / "site").exists()) == (1, False)
    assert "a.ipynb has 314.6 MB" in done.stderr


@pytest.mark.parametrize("text", ["", "[1]", '{"cells": 3, "nbformat": 4}', "\x00\x01"])
def test_what_is_no_notebook_leaves_the_old_site_whole(
    publish: Publish, tmp_path: Path, text: str
) -> None:
    tutorial(tmp_path / "nb/a.ipynb", "One")
    publish("publish", tmp_path / "nb", "--single", "-o", tmp_path / "site")
    before = (tmp_path / "site/a.html").read_bytes()
    (tmp_path / "nb/b.ipynb").write_text(text)
    done = publish("publish", tmp_path / "nb", "--single", "-o", tmp_path / "site")
    assert done.returncode == 1 and "b.ipynb is no notebook that can be read" in done.stderr
    assert (tmp_path / "site/a.html").read_bytes() == before
    assert {p.name for p in tmp_path.iterdir()} == {"nb", "site"}


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
