"""The energy of notebooks that other tools run: nbclient, papermill and nbconvert.

Any kernel is metered whoever runs it. What these add is which cell ran, and the energy in the
notebook's metadata at the end, where `joulebook publish` finds it.
"""

from __future__ import annotations

from .hooks import attach
from .preprocessor import MeteredExecutePreprocessor

__all__ = ["MeteredExecutePreprocessor", "attach"]
