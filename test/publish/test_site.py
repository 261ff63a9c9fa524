"""Sites and single pages, read as files."""

from __future__ import annotations

import base64
import json
import re
import subprocess
from pathlib import Path
from xml.etree import ElementTree

import nbformat
import pytest
from joulebook.publish.drawing import drawing
from joulebook.publish.energy import Energy, total
from joulebook.publish.figures import figure_of
from joulebook.publish.page_html import in_words

from .conftest import Publish, Published
from .notebooks import PIXEL, code, printed, tutorial, write

BYTES = 10_000_000


def test_twelve_pages_become_a_site_with_badges_totals_methods_and_search(
    published: Published,
) -> None:
    assert len(published.result["pages"]) == 12
    assert published.result["bytes"] < BYTES
    page = (published.site / "03-tutorial.html").read_text()
    assert "12.4 J ± 0.6, measured" in page
    assert "about 3.1 J (2.0 to 4.2, modelled)" in page
    assert "Energy of this page: about 15.5 J" in page
    assert "2 of 5 code cells metered" in page
    assert "Testprocessor 9" in page and "intel-rapl:0" in page
    assert "0.1.0, on Node.js 24.1.2" in page
    index = (published.site / "index.html").read_text()
    assert "All pages together" in index and "03-tutorial.html" in index
    assert (published.site / "searchindex.js").stat().st_size > 1000
    assert not re.search(
        r'(?:src|href)="(?:https?:)?//(?!github\.com|www\.)', page.split("<footer")[0]
    )


def test_a_figure_is_live_and_has_words_and_a_drawing(published: Published) -> None:
    page = (published.site / "03-tutorial.html").read_text()
    assert "Loss over steps. 2 lines: adam, sgd; x: step from 0 to 199; y: loss from" in page
    assert '<svg class="joulebook-drawing"' in page
    assert "plotly.min.js" in page
    assert "plotly.min.js" not in (published.site / "index.html").read_text()


def test_a_still_drawing_names_its_bars_and_shows_their_errors() -> None:
    trace = {"type": "bar", "x": ["a<b", "c"], "y": [2, 1], "error_y": {"array": [1, 0]}}
    figure = figure_of({"data": [trace, trace], "layout": {}})
    assert figure
    svg = ElementTree.fromstring(drawing(figure))
    parts = [(part.tag.split("}")[1], dict(part.attrib), part.text) for part in svg]
    bars = [float(found["x"]) for tag, found, _ in parts if tag == "rect"]
    assert len(set(bars)) == 4
    assert {"a<b", "c"} <= {text for tag, _, text in parts if tag == "text"}
    assert sum(tag == "path" and "V" in found["d"] for tag, found, _ in parts) == 2


def test_single_pages_need_no_other_file(published: Published) -> None:
    page = (published.single / "03-tutorial.html").read_text()
    assert "12.4 J ± 0.6, measured" in page
    assert not re.search(r"<(?:script|link|img)[^>]*(?:src|href)=\"(?!data:)", page)


def test_a_badge_says_the_energy(publish: Publish, tmp_path: Path) -> None:
    write(tmp_path / "a.ipynb", code("1", energy=(12.4, 11.8, 13.0, "measured")))
    done = publish("publish", tmp_path / "a.ipynb", "--badge", tmp_path / "energy.svg")
    assert done.returncode == 0, done.stderr
    badge = ElementTree.parse(tmp_path / "energy.svg").getroot()
    assert badge.get("aria-label") == "energy: 12.4 J ± 0.6"


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
    guide = "# Guide\n\nA [link](a.ipynb), and `<!-- joulebook: energy -->` in a text.\n"
    (tmp_path / "nb/guide.md").write_text(guide)
    publish("publish", tmp_path / "nb", "-o", tmp_path / "site")
    index = (tmp_path / "site/index.html").read_text()
    assert "Welcome" in index and "All pages together" in index
    made = (tmp_path / "site/guide.html").read_text()
    assert 'href="a.html"' in made and "All pages together" not in made


def test_pages_stand_in_the_order_of_their_numbers_or_of_the_index(
    publish: Publish, tmp_path: Path
) -> None:
    for name in ("01-a-python", "01-a", "about"):
        write(tmp_path / f"nb/{name}.ipynb", nbformat.v4.new_markdown_cell(f"# {name}"))

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


def test_the_plugin_writes_energies_as_the_pages_do(publish: Publish) -> None:
    energies = [
        Energy(12.43, 11.83, 13.03, "measured"),
        Energy(12.4, 12.3, 13.0, "measured"),
        Energy(12.2, 7, 21, "modelled"),
        Energy(0.006, 0, 2.2, "modelled"),
        Energy(0.1, 0, 0.4, "measured", below=True),
        Energy(None, 0, 0.4, "modelled", below=True),
        Energy(12_400, 11_800, 13_000, "measured"),
        Energy(3e7, 2.9e7, 3.2e7, "modelled"),
        Energy(5.25, 5.25, 5.25, "measured"),
    ]
    cells = [
        {"type": "block", "kind": "notebook-code", "data": {"joulebook": energy.as_json()}}
        for energy in energies
    ]
    plugin = publish("publish", "--myst-plugin").stdout.strip()
    told = subprocess.run(
        ["node", "--input-type=module", "--eval", TRANSFORM, plugin],
        input=json.dumps([{**cell, "children": [{"type": "code"}]} for cell in cells]),
        capture_output=True,
        text=True,
        check=True,
    )
    *texts, total_text = json.loads(told.stdout)
    assert texts == [f"Energy of this cell: {in_words(energy)}" for energy in energies]
    assert total_text == f"Energy of this page: {total(energies).text}"


TRANSFORM = """
import { readFileSync } from 'node:fs';
const { default: plugin } = await import(process.argv[1]);
const tree = { type: 'root', children: JSON.parse(readFileSync(0, 'utf8')) };
plugin.transforms[0].plugin()(tree);
const texts = node => [node.value ?? [], (node.children ?? []).map(texts)].flat(Infinity);
console.log(JSON.stringify(texts(tree)));
"""


def test_the_exporter_is_known_to_nbconvert_and_so_to_jupyterlab() -> None:
    from nbconvert.exporters import get_exporter

    exporter = get_exporter("joulebook")()
    assert exporter.export_from_notebook == "HTML with energy"
    notebook = nbformat.v4.new_notebook(cells=[code("1", printed("1\n"))])
    page, _ = exporter.from_notebook_node(notebook)
    assert "not metered" in page


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
