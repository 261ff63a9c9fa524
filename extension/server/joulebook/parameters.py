"""Gives a notebook's parameters other values, as papermill does: by a cell behind theirs."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import nbformat

from .errors import JoulebookError

if TYPE_CHECKING:
    from nbformat import NotebookNode

DECLARED = "parameters"
"""The tag of the cell that declares the parameters with their usual values."""
INJECTED = "injected-parameters"
"""The tag of the cell that sets them otherwise."""


def inject(notebook: NotebookNode, parameters: Mapping[str, Any]) -> None:
    """Sets parameters in a notebook, in place.

    Args:
        notebook: Of format 4, with a code cell tagged `parameters`.
        parameters: Values that JSON can hold, by name. None at all leaves the notebook as it is.

    Raises:
        JoulebookError: `parameters/unknown` if no such cell is there, or it does not declare one of
            them, or the notebook's language is none of those known here.
    """
    if not parameters:
        return
    index = _find(notebook, DECLARED)
    if index is None:
        raise _unknown(
            f"no cell is tagged {DECLARED!r}; tag the cell that declares {', '.join(parameters)}"
        )
    declared = notebook.cells[index].source
    for name in parameters:
        if not re.search(rf"(?<![\w$]){re.escape(name)}(?![\w$])", declared):
            raise _unknown(f"the cell tagged {DECLARED!r} declares no {name!r}")
    cell = nbformat.v4.new_code_cell(  # type: ignore[no-untyped-call]
        source=_source(notebook, parameters), metadata={"tags": [INJECTED]}
    )
    before = _find(notebook, INJECTED)
    if before is not None:
        notebook.cells[before] = cell
    else:
        notebook.cells.insert(index + 1, cell)


def language(notebook: NotebookNode) -> str:
    """The notebook's language in lower case, empty where it names none."""
    metadata = notebook.metadata
    found = metadata.get("kernelspec", {}).get("language") or metadata.get("language_info", {}).get(
        "name", ""
    )
    return str(found).lower()


def typescript(parameters: Mapping[str, Any]) -> str:
    """Declares parameters in TypeScript or JavaScript, with the type of all values of a kind."""
    return "\n".join(f"let {name} = {_json(value)};" for name, value in parameters.items())


def python(parameters: Mapping[str, Any]) -> str:
    """Assigns parameters in Python."""
    return "\n".join(f"{name} = {value!r}" for name, value in parameters.items())


_LANGUAGES: dict[str, tuple[str, Callable[[Mapping[str, Any]], str]]] = {
    "javascript": ("//", typescript),
    "python": ("#", python),
    "typescript": ("//", typescript),
}


def _source(notebook: NotebookNode, parameters: Mapping[str, Any]) -> str:
    name = language(notebook)
    if name not in _LANGUAGES:
        known = ", ".join(_LANGUAGES)
        raise _unknown(f"the notebook's language is {name or 'not named'!r}; known are {known}")
    comment, write = _LANGUAGES[name]
    return f"{comment} Set by joulebook run\n{write(parameters)}"


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _find(notebook: NotebookNode, tag: str) -> int | None:
    for index, cell in enumerate(notebook.cells):
        if cell.cell_type == "code" and tag in cell.metadata.get("tags", []):
            return index
    return None


def _unknown(reason: str) -> JoulebookError:
    return JoulebookError("parameters/unknown", f"cannot set the parameters: {reason}")
