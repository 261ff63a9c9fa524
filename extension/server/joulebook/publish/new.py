"""The template of a new tutorial."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Literal

import nbformat
from nbformat import NotebookNode

from ..errors import JoulebookError

TEMPLATES = Path(__file__).parent / "templates"
KERNELS = {
    "python": {"name": "python3", "display_name": "Python 3", "language": "python"},
    "typescript": {
        "name": "joulebook-typescript",
        "display_name": "TypeScript (GPU)",
        "language": "typescript",
    },
}


def write_template(name: Path, language: Literal["python", "typescript"]) -> Path:
    """Writes a tutorial with title, parameters, measurement and conclusion to fill in.

    Args:
        name: Of the new file; `.ipynb` is added where it lacks.
        language: Of its cells.

    Returns:
        The file's path.

    Raises:
        JoulebookError: `publish/folder-not-empty` if the file is there already.
    """
    path = name if name.suffix == ".ipynb" else name.with_name(f"{name.name}.ipynb")
    if path.exists():
        raise JoulebookError("publish/folder-not-empty", f"{path} is there already; name another")
    title = path.stem.lstrip("0123456789-_ ").replace("-", " ").capitalize()
    notebook = template(title or "Tutorial", language)
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(notebook, path)  # type: ignore[no-untyped-call]
    return path


def template(title: str, language: Literal["python", "typescript"]) -> NotebookNode:
    """Makes the notebook of a new tutorial.

    Args:
        title: What it is about, in a few words.
        language: Of its cells.
    """
    parts = json.loads((TEMPLATES / f"tutorial-{language}.json").read_text("utf-8"))
    notebook: NotebookNode = nbformat.v4.new_notebook(metadata={"kernelspec": KERNELS[language]})  # type: ignore[no-untyped-call]
    for part in parts:
        source = "\n".join(part["source"]).replace("TITLE", title)
        if part["type"] == "markdown":
            cell = nbformat.v4.new_markdown_cell(source)  # type: ignore[no-untyped-call]
        else:
            cell = nbformat.v4.new_code_cell(source)  # type: ignore[no-untyped-call]
        if part.get("tags"):
            cell.metadata["tags"] = part["tags"]
        notebook.cells.append(cell)
    return notebook
