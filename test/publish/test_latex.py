"""LaTeX sources, and what becomes of a PDF with and without TeX."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from .conftest import Publish
from .notebooks import PIXEL, code, figure, tutorial, write


def tex_of(folder: Path) -> str:
    return (folder / "notebooks.tex").read_text()


def test_latex_has_the_energies_in_a_table_and_draws_the_figures(
    publish: Publish, tmp_path: Path
) -> None:
    tutorial(tmp_path / "nb/a.ipynb", "One")
    done = publish("publish", tmp_path / "nb", "--latex", "-o", tmp_path / "tex")
    assert done.returncode == 0, done.stderr
    tex = tex_of(tmp_path / "tex")
    assert "Energy by cell" in tex and r"12.4 J" in tex
    plot = tex.split(r"\begin{axis}")[1].split(r"\end{axis}")[0]
    assert plot.count(r"\addplot") == 2 and r"\addlegendentry{adam}" in plot
    assert "ymode=log" in plot and "(0,1.02)" in plot


@pytest.mark.parametrize(
    ("trace", "drawn"),
    [
        ({"type": "bar", "x": ["50 %", "a_b"], "y": [1, 2]}, r"xticklabels={{50 \%},{a\_b}}"),
        ({"y": [1, 2], "error_y": {"array": [0.5, 0.25]}}, "(1,2) += (0,0.25) -= (0,0.25)"),
        ({"y": [1, None, 3]}, "(0,1) (1,nan) (2,3)"),
        ({"y": [1], "name": "<b>it\n\n\\input{x}</b>"}, r"{it \textbackslash{}input\{x\}}"),
        ({"type": "bar", "orientation": "h", "y": ["a"], "x": [1]}, "[Figure: "),
        ({"type": "heatmap", "z": [[1]]}, "[Figure: "),
    ],
    ids=["bars", "errors", "gaps", "text", "lying bars", "other types"],
)
def test_a_figure_is_drawn_or_put_into_words(
    publish: Publish, tmp_path: Path, trace: dict[str, object], drawn: str
) -> None:
    chart = figure()
    chart.data = {"application/vnd.plotly.v1+json": {"data": [trace], "layout": {}}}
    write(tmp_path / "nb/a.ipynb", code("plot", chart))
    publish("publish", tmp_path / "nb", "--latex", "-o", tmp_path / "tex")
    assert drawn in tex_of(tmp_path / "tex")


def test_a_figure_that_brings_its_picture_is_that_picture(publish: Publish, tmp_path: Path) -> None:
    chart = figure()
    chart.data["image/png"] = PIXEL
    write(tmp_path / "nb/a.ipynb", code("plot", chart))
    publish("publish", tmp_path / "nb", "--latex", "-o", tmp_path / "tex")
    assert r"\sphinxincludegraphics" in tex_of(tmp_path / "tex")
    assert len(list((tmp_path / "tex").glob("*.png"))) == 1


def stand_in(folder: Path, script: str) -> str:
    """A PATH on which TeX is, and does what the script says."""
    folder.mkdir()
    for name in ("latexmk", "xelatex"):
        (folder / name).write_text(f"#!/bin/sh\n{script}\n")
        (folder / name).chmod(0o755)
    return f"{folder}:{os.environ['PATH']}"


@pytest.mark.parametrize(
    ("script", "said"),
    [
        (None, "no PDF: latexmk and xelatex are not on the PATH"),
        ("echo '! File x.sty not found.' > notebooks.log; exit 12", "no PDF: File x.sty not found"),
        ("echo 'Missing character: There is no 界 in' > notebooks.log; touch notebooks.pdf", "界"),
        (
            "printf '! Undefined control sequence.\\nl.7 \\\\nosuch\\n' > notebooks.log; "
            "touch notebooks.pdf; exit 12",
            r"what TeX could not read: Undefined control sequence at \nosuch; see notebooks.log",
        ),
    ],
    ids=["without TeX", "a broken TeX", "a font that lacks something", "a broken formula"],
)
def test_what_a_pdf_lacks_is_named_and_the_sources_are_whole(
    publish: Publish, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str | None, said: str
) -> None:
    write(tmp_path / "nb/a.ipynb", code("1"))
    path = stand_in(tmp_path / "bin", script) if script else str(tmp_path / "nowhere")
    monkeypatch.setenv("PATH", path)
    for _again in range(2):
        done = publish("publish", tmp_path / "nb", "--pdf", "-o", tmp_path / "tex")
        assert done.returncode == 0, done.stderr
        assert "left out: " in done.stdout and said in done.stdout
    assert "documentclass" in tex_of(tmp_path / "tex")
