"""Lets papermill put parameters into TypeScript notebooks.

Papermill loads this module for the engine `joulebook-typescript`, which is its own engine: engines
are what it looks for in other packages, and loading one is all that the translator needs.
"""

from __future__ import annotations

import json
import math
import re
from typing import Any

from papermill.engines import NBClientEngine as Engine
from papermill.models import Parameter
from papermill.translators import Translator, papermill_translators

__all__ = ["Engine", "TypeScriptTranslator"]

_LARGEST_EXACT = 2**53 - 1
"""The largest integer of a JavaScript number."""

_PARAMETER = re.compile(
    r"^\s*(?:const|let|var)\s+(?P<name>[\w$]+)\s*"
    r"(?::\s*(?P<type>.+?))?\s*=(?!>)\s*(?P<value>.+?)\s*;?\s*(?://\s*(?P<help>.*))?$",
    re.MULTILINE,
)


class TypeScriptTranslator(Translator):  # type: ignore[misc]
    """Writes parameters as TypeScript.

    They are declared with `let`, whose type is that of all values of the kind (`string`, not
    `"adam"`), so that the cells after may compare them with others.
    """

    @classmethod
    def translate_str(cls, val: str) -> str:
        """A string as JSON writes it."""
        return json.dumps(val)

    @classmethod
    def translate_none(cls, val: None) -> str:
        """`null`."""
        return "null"

    @classmethod
    def translate_int(cls, val: int) -> str:
        """A number; a bigint where a number would not be exact."""
        return str(val) if abs(val) <= _LARGEST_EXACT else f"{val}n"

    @classmethod
    def translate_float(cls, val: float) -> str:
        """A number, `Infinity` or `NaN`."""
        if math.isfinite(val):
            return repr(val)
        return "NaN" if math.isnan(val) else "-Infinity" if val < 0 else "Infinity"

    @classmethod
    def translate_list(cls, val: list[Any]) -> str:
        """An array."""
        return f"[{', '.join(cls.translate(item) for item in val)}]"

    @classmethod
    def translate_dict(cls, val: dict[str, Any]) -> str:
        """An object."""
        members = (f"{json.dumps(str(key))}: {cls.translate(item)}" for key, item in val.items())
        return f"{{ {', '.join(members)} }}" if val else "{}"

    @classmethod
    def comment(cls, cmt_str: str) -> str:
        """A line of comment."""
        return f"// {cmt_str}".strip()

    @classmethod
    def assign(cls, name: str, str_val: str) -> str:
        """A declaration."""
        return f"let {name} = {str_val};"

    @classmethod
    def inspect(cls, parameters_cell: Any) -> list[Any]:
        """The parameters that a cell declares, one a line, for `papermill --help-notebook`.

        Args:
            parameters_cell: The notebook's cell tagged `parameters`.
        """
        return [
            Parameter(found["name"], found["type"] or "None", found["value"], found["help"] or "")
            for found in _PARAMETER.finditer(parameters_cell["source"])
        ]


papermill_translators.register("typescript", TypeScriptTranslator)
