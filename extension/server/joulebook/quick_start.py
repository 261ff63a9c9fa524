"""Imported before nbformat, in the programs of our own that need it: they start a second sooner.

nbformat checks notebooks with jsonschema, which loads a grammar of web addresses where that is
installed, although no notebook's schema asks for it.
"""

from __future__ import annotations

import sys

sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]
