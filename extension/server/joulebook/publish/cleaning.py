"""Leaves of a notebook what may be shown: nothing that runs, is fetched, or is endless."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from typing import Any

import nbformat
from nbformat import NotebookNode

from . import figures
from .reading import megabytes
from .safe_html import safe_block

LONGEST_TEXT = 100_000
"""Characters of one output's text; of a longer one the beginning and the end are shown."""
LONGEST_SOURCE = 500_000
LARGEST_MEDIA_BYTES = 5_000_000
"""Of one picture, figure or table."""
SHOWN_TAGS = frozenset(
    ("hide-cell", "hide-input", "hide-output", "remove-cell", "remove-input", "remove-output")
)
PICTURES = ("image/svg+xml", "image/png", "image/jpeg", "image/gif")
_ANSI = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff]")
_SCRIPTED = re.compile(r"<script\b", re.I)
_NAME = re.compile(r"[\w .+#-]{1,40}")


class Cleaner:
    """Cleans the cells of one notebook.

    Attributes:
        notes: What was left out or cut, for the reader of the page.
    """

    def __init__(self) -> None:
        self.notes: list[str] = []
        self._where = ""

    def clean(self, document: Mapping[str, Any]) -> NotebookNode:
        """Makes a notebook of known parts from a document.

        Args:
            document: From `read_notebook`; it stays as it is.
        """
        cells = [self._cell(cell, at) for at, cell in enumerate(document["cells"])]
        notebook: NotebookNode = nbformat.v4.new_notebook(  # type: ignore[no-untyped-call]
            cells=[cell for cell in cells if cell is not None]
        )
        notebook.metadata.update(_metadata(document.get("metadata")))
        return notebook

    def _cell(self, cell: object, at: int) -> NotebookNode | None:
        if not isinstance(cell, dict):
            return None
        self._where = f"cell {at + 1}"
        new: dict[str, Any] = {
            "code": nbformat.v4.new_code_cell,
            "markdown": nbformat.v4.new_markdown_cell,
        }
        kind = cell.get("cell_type")
        if kind not in new:
            return None
        source = plain_text(cell.get("source"))
        if len(source) > LONGEST_SOURCE:
            source = self._cut(source, LONGEST_SOURCE)
        made: NotebookNode = new[kind](source=source, metadata={"joulebook_index": at})
        tags = (
            cell.get("metadata", {}).get("tags") if isinstance(cell.get("metadata"), dict) else []
        )
        kept = [t for t in tags if t in SHOWN_TAGS] if isinstance(tags, list) else []
        if kept:
            made.metadata["tags"] = kept
        if kind == "code":
            count = cell.get("execution_count")
            made.execution_count = count if isinstance(count, int) else None
            made.outputs = self._outputs(cell.get("outputs"))
        else:
            made.source = self._attached(source, cell.get("attachments"))
        return made

    def _attached(self, source: str, attachments: object) -> str:
        """Puts pictures that a Markdown cell carries with it where they are shown."""
        for name, bundle in (attachments if isinstance(attachments, dict) else {}).items():
            picture = self._picture(bundle) if isinstance(bundle, dict) else None
            if picture:
                source = source.replace(f"(attachment:{name})", f"({data_url(*picture)})")
        return source

    def _outputs(self, outputs: object) -> list[NotebookNode]:
        made: list[NotebookNode] = []
        for output in outputs if isinstance(outputs, list) else []:
            if not isinstance(output, dict):
                continue
            kind = output.get("output_type")
            if kind == "stream":
                self._stream(output, made)
            elif kind == "error":
                made.append(self._error(output))
            elif kind in ("display_data", "execute_result"):
                data = output.get("data")
                shown = self._data(data) if isinstance(data, dict) else None
                if shown:
                    made.append(_output("display_data", data=shown))
        for each in made:
            if each.output_type == "stream":
                each.text = self._shortened(_overwritten(each.text))
        return made

    def _stream(self, output: dict[str, Any], made: list[NotebookNode]) -> None:
        name = "stderr" if output.get("name") == "stderr" else "stdout"
        text = plain_text(output.get("text"))
        if made and made[-1].get("name") == name:
            made[-1].text += text
        else:
            made.append(_output("stream", name=name, text=text))

    def _error(self, output: dict[str, Any]) -> NotebookNode:
        name, value = plain_text(output.get("ename")), plain_text(output.get("evalue"))
        lines = output.get("traceback")
        trace = "\n".join(map(plain_text, lines)) if isinstance(lines, list) else ""
        text = self._shortened(trace or f"{name}: {value}")
        return _output("error", ename=name[:200], evalue=value[:2000], traceback=[text])

    def _data(self, data: dict[str, Any]) -> dict[str, Any] | None:
        """The best way to show an output, and a text for where that cannot be shown."""
        picture = self._picture(data)
        text = self._shortened(plain_text(data.get("text/plain")))
        figure = figures.figure_of(data.get(figures.MIME))
        if figure:
            if len(str(figure)) <= LARGEST_MEDIA_BYTES:
                fallback = {"picture": data_url(*picture)} if picture else {"text": text}
                return {figures.MIME: {**figure, "fallback": fallback}}
            self._note(f"a figure of {megabytes(len(str(figure)))} was left out")
        html = plain_text(data.get("text/html"))
        if len(html) > LARGEST_MEDIA_BYTES:
            self._note(f"HTML of {megabytes(len(html))} was left out")
            html = ""
        if html and not (_SCRIPTED.search(html) and (picture or text)):
            return {"text/html": safe_block(html), "text/plain": text or "[HTML]"}
        if picture:
            return {picture[0]: picture[1], "text/plain": text or "[a picture]"}
        for mime in ("text/markdown", "text/latex"):
            if data.get(mime):
                return {mime: self._shortened(plain_text(data[mime]))}
        if not text:
            self._note(f"an output was left out ({', '.join(sorted(map(str, data)))[:80]})")
            return None
        return {"text/plain": text}

    def _picture(self, data: Mapping[str, Any]) -> tuple[str, str] | None:
        for mime in PICTURES:
            content = plain_text(data.get(mime))
            if not content:
                continue
            if len(content) > LARGEST_MEDIA_BYTES:
                self._note(f"a picture of {megabytes(len(content))} was left out")
            elif mime == "image/svg+xml":
                if "<svg" in content:
                    return mime, content
            elif _is_base64(content):
                return mime, "".join(content.split())
        return None

    def _shortened(self, text: str) -> str:
        return text if len(text) <= LONGEST_TEXT else self._cut(text, LONGEST_TEXT)

    def _cut(self, text: str, limit: int) -> str:
        self._note(f"text of {megabytes(len(text))} was cut")
        head, tail = text[: limit * 4 // 5], text[-limit // 5 :]
        left_out = megabytes(len(text) - limit)
        return f"{head}\n[… {left_out} left out on publishing …]\n{tail}"

    def _note(self, what: str) -> None:
        self.notes.append(f"{self._where}: {what}")


def plain_text(value: object) -> str:
    """Text of a notebook's field, which may be in lines, without control characters and colours."""
    if isinstance(value, list):
        value = "".join(each for each in value if isinstance(each, str))
    return _CONTROL.sub("", _ANSI.sub("", value)) if isinstance(value, str) else ""


def data_url(mime: str, content: str) -> str:
    """A picture as an address."""
    if mime == "image/svg+xml":
        content = base64.b64encode(content.encode()).decode()
    return f"data:{mime};base64,{content}"


def _output(kind: str, **fields: Any) -> NotebookNode:
    made: NotebookNode = nbformat.v4.new_output(kind, **fields)  # type: ignore[no-untyped-call]
    return made


def _overwritten(text: str) -> str:
    """What a terminal would show at the end: progress bars write over their line."""
    lines = text.replace("\r\n", "\n").split("\n")
    return "\n".join(line.rstrip("\r").rsplit("\r", 1)[-1] for line in lines)


def _is_base64(content: str) -> bool:
    try:
        base64.b64decode("".join(content.split()), validate=True)
    except (binascii.Error, ValueError):
        return False
    return True


def _metadata(metadata: object) -> dict[str, Any]:
    """Names of kernel and language: all that is needed to colour the code."""
    found = metadata if isinstance(metadata, dict) else {}
    kept: dict[str, Any] = {}
    for part, names in (
        ("kernelspec", ("name", "display_name", "language")),
        ("language_info", ("name", "pygments_lexer", "version")),
    ):
        given = found.get(part)
        fields = given if isinstance(given, dict) else {}
        said = {n: fields[n] for n in names if _named(fields.get(n))}
        if "name" in said:
            kept[part] = {"display_name": said["name"], **said} if part == "kernelspec" else said
    lexer = kept.get("language_info", {}).get("name") or kept.get("kernelspec", {}).get("language")
    if lexer:
        kept.setdefault("language_info", {"name": lexer})
    return kept


def _named(value: object) -> bool:
    return isinstance(value, str) and bool(_NAME.fullmatch(value))
