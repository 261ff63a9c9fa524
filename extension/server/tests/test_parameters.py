"""Parameters come into a notebook as a cell behind the one that declares them."""

from __future__ import annotations

from typing import Any

import nbformat
import pytest

from joulebook.errors import JoulebookError
from joulebook.parameters import inject


def notebook(language: str, *tags: str) -> Any:
    cells = [nbformat.v4.new_code_cell("const steps = 1;", metadata={"tags": list(tags)})]  # type: ignore[no-untyped-call]
    metadata = {"kernelspec": {"name": "k", "display_name": "k", "language": language}}
    return nbformat.v4.new_notebook(cells=cells, metadata=metadata)  # type: ignore[no-untyped-call]


@pytest.mark.parametrize(
    ("language", "line"),
    [("typescript", "let steps = [1, true];"), ("python", "steps = [1, True]")],
)
def test_they_are_written_in_the_notebooks_language(language: str, line: str) -> None:
    document = notebook(language, "parameters")
    inject(document, {"steps": [1, True]})
    assert document.cells[1].source.splitlines()[1] == line


def test_they_take_the_place_of_those_set_before() -> None:
    document = notebook("python", "parameters")
    inject(document, {"steps": 2})
    inject(document, {"steps": 3})
    assert [cell.source.splitlines()[-1] for cell in document.cells] == [
        "const steps = 1;",
        "steps = 3",
    ]


@pytest.mark.parametrize(
    ("document", "said"),
    [
        (notebook("python"), "no cell is tagged 'parameters'"),
        (notebook("python", "parameters"), "declares no 'rate'"),
        (notebook("cobol", "parameters"), "language is 'cobol'"),
    ],
)
def test_what_cannot_be_set_is_named(document: Any, said: str) -> None:
    name = "steps" if "cobol" in said else "rate"
    with pytest.raises(JoulebookError, match=said) as thrown:
        inject(document, {name: 1})
    assert thrown.value.code == "parameters/unknown"


def test_without_parameters_nothing_changes() -> None:
    document = notebook("cobol")
    inject(document, {})
    assert len(document.cells) == 1
