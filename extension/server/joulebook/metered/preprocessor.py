"""Execution with energy for nbconvert."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from nbconvert.preprocessors import ExecutePreprocessor

from .hooks import attach


class MeteredExecutePreprocessor(ExecutePreprocessor):
    """Executes a notebook and writes the energy of its cells into it.

    On the command line, executing and converting in one go:
    `jupyter nbconvert --to joulebook --Exporter.preprocessors=joulebook.metered.MeteredExecutePreprocessor a.ipynb`.
    """  # noqa: E501

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"enabled": True, **options})

    def preprocess(
        self, nb: Any, resources: dict[str, Any] | None = None, km: Any = None
    ) -> tuple[Any, dict[str, Any]]:
        """Executes the notebook in place."""
        metadata = (resources or {}).get("metadata", {})
        folder, name = metadata.get("path") or ".", metadata.get("name")
        finish = attach(self, str(Path(folder, f"{name}.ipynb").resolve()) if name else None)
        try:
            done: tuple[Any, dict[str, Any]] = super().preprocess(nb, resources, km)
        finally:
            finish()
        return done
