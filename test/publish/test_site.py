"""Sites and single pages, read as files."""

from __future__ import annotations

import base64
import json
import re
from pathlib import Path

import nbformat
import pytest

from .conftest import PIXEL, Publish, code, figure, printed, shown, tutorial, write

SECONDS = 15
BYTES = 10_000_000


@pytest.fixture
def notebooks(tmp_path: Path) -> Path:
    for number in range(1, 13):
        tutorial(tmp_path / f"notebooks/{number:02d}-tutorial.ipynb", f"Tutorial {number}")
    return tmp_path / "notebooks"


def test_twelve_pages_become_a_site_with_badges_totals_methods_and_search(
    publish: Publish, notebooks: Path, tmp_path: Path
) -> None:
    done = publish("publish", notebooks, "-o", tmp_path / "site", "--json")
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout)
    assert len(result["pages"]) == 12
    assert result["bytes"] < BYTES
    page = (tmp_path / "site/03-tutorial.html").read_text()
    assert "12.4 J ± 0.6, measured" in page
    assert "about 3.1 J (2.0 to 4.2, modelled)" in page
    assert "Energy of this page: about 15.5 J" in page
    assert "2 of 5 code cells metered" in page
    assert "Testprocessor 9" in page and "intel-rapl:0" in page
    assert "0.1.0, on Node.js 24.1.2" in page
    index = (tmp_path / "site/index.html").read_text()
    assert "All pages together" in index and "03-tutorial.html" in index
    assert (tmp_path / "site/searchindex.js").stat().st_size > 1000
    assert not re.search(
        r'(?:src|href)="(?:https?:)?//(?!github\.com|www\.)', page.split("<footer")[0]
    )


def test_a_figure_is_live_and_has_words_and_a_drawing(publish: Publish, tmp_path: Path) -> None:
    write(tmp_path / "nb/a.ipynb", code("plot()", figure()))
    publish("publish", tmp_path / "nb", "-o", tmp_path / "site")
    page = (tmp_path / "site/a.html").read_text()
    assert "Loss over steps. 2 lines: adam, sgd; x: step from 0 to 199; y: loss from" in page
    assert '<svg class="joulebook-drawing"' in page
    assert "plotly.min.js" in page
    assert "plotly.min.js" not in (tmp_path / "site/index.html").read_text()


def test_single_pages_need_no_other_file(publish: Publish, tmp_path: Path) -> None:
    tutorial(tmp_path / "nb/a.ipynb", "One")
    done = publish("publish", tmp_path / "nb", "--single", "-o", tmp_path / "out")
    assert done.returncode == 0, done.stderr
    page = (tmp_path / "out/a.html").read_text()
    assert "12.4 J ± 0.6, measured" in page
    assert not re.search(r"<(?:script|link|img)[^>]*(?:src|href)=\"(?!data:)", page)


def test_latex_has_the_energies_in_a_table_and_names_what_it_leaves_out(
    publish: Publish, tmp_path: Path
) -> None:
    tutorial(tmp_path / "nb/a.ipynb", "One")
    done = publish("publish", tmp_path / "nb", "--pdf", "-o", tmp_path / "tex")
    assert done.returncode == 0, done.stderr
    tex = (tmp_path / "tex/notebooks.tex").read_text()
    assert "Energy by cell" in tex and r"12.4 J" in tex and "Figure: Loss over steps" in tex
    assert (tmp_path / "tex/notebooks.pdf").exists() or "left out: no PDF" in done.stdout


def test_a_badge_says_the_energy(publish: Publish, tmp_path: Path) -> None:
    write(tmp_path / "a.ipynb", code("1", energy=(12.4, 11.8, 13.0, "measured")))
    done = publish("publish", tmp_path / "a.ipynb", "--badge", tmp_path / "energy.svg")
    assert done.returncode == 0, done.stderr
    assert "12.4 J ± 0.6" in (tmp_path / "energy.svg").read_text()


def test_an_edited_cell_shows_no_energy(publish: Publish, tmp_path: Path) -> None:
    cell = code("1", energy=(12.4, 11.8, 13.0, "measured"))
    cell.source = "2"
    write(tmp_path / "a.ipynb", cell)
    publish("publish", tmp_path / "a.ipynb", "--single", "-o", tmp_path / "out")
    page = (tmp_path / "out/a.html").read_text()
    assert "edited since it was measured" in page and "12.4" not in re.sub("<script.*", "", page)


def test_pages_of_markdown_and_a_page_of_their_own_as_index(
    publish: Publish, tmp_path: Path
) -> None:
    tutorial(tmp_path / "nb/a.ipynb", "One")
    (tmp_path / "nb/index.md").write_text("# Welcome\n\n<!-- joulebook: energy -->\n")
    (tmp_path / "nb/guide.md").write_text("# Guide\n\nText with a [link](a.ipynb).\n")
    publish("publish", tmp_path / "nb", "-o", tmp_path / "site")
    index = (tmp_path / "site/index.html").read_text()
    assert "Welcome" in index and "All pages together" in index
    assert 'href="a.html"' in (tmp_path / "site/guide.html").read_text()


def test_pages_stand_in_the_order_of_their_numbers_or_of_the_index(
    publish: Publish, tmp_path: Path
) -> None:
    for name in ("01-a-python", "01-a", "about"):
        tutorial(tmp_path / f"nb/{name}.ipynb", name)

    def listed() -> list[str]:
        publish("publish", tmp_path / "nb", "-o", tmp_path / "site")
        index = (tmp_path / "site/index.html").read_text()
        return re.findall(r'class="toctree-l1"><a class="reference internal" href="([^"]+)"', index)

    assert listed() == ["01-a.html", "01-a-python.html", "about.html"]
    (tmp_path / "nb/index.md").write_text("# Welcome\n\n[about](about.ipynb), [a](01-a.ipynb)\n")
    assert listed() == ["about.html", "01-a.html", "01-a-python.html"]


def test_the_plugin_shows_energies_to_mystmd(tmp_path: Path, publish: Publish) -> None:
    from .myst import build

    tutorial(tmp_path / "a.ipynb", "One")
    plugin = publish("publish", "--myst-plugin").stdout.strip()
    text = build(tmp_path, plugin)
    assert "Energy of this cell: 12.4 J ± 0.6, measured" in text
    assert "Energy of this page: about 15.5 J" in text


def test_the_exporter_is_known_to_nbconvert_and_so_to_jupyterlab() -> None:
    from nbconvert.exporters import get_exporter

    exporter = get_exporter("joulebook")()
    assert exporter.export_from_notebook == "HTML with energy"
    notebook = nbformat.v4.new_notebook(cells=[code("1", printed("1\n"))])
    page, _ = exporter.from_notebook_node(notebook)
    assert "not metered" in page and shown


@pytest.mark.parametrize("how", [(), ("--single",)], ids=["site", "single"])
def test_pictures_beside_a_notebook_come_along(
    publish: Publish, tmp_path: Path, how: tuple[str, ...]
) -> None:
    text = nbformat.v4.new_markdown_cell("# One\n\n![a red dot](dot.png)")
    write(tmp_path / "nb/a.ipynb", text)
    (tmp_path / "nb/dot.png").write_bytes(base64.b64decode(PIXEL))
    publish("publish", tmp_path / "nb", "-o", tmp_path / "out", *how)
    page = (tmp_path / "out/a.html").read_text()
    assert 'alt="a red dot"' in page
    assert PIXEL in page if how else (tmp_path / "out/_images/dot.png").exists()
