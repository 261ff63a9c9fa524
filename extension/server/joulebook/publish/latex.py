"""LaTeX sources, and the PDF that TeX makes of them where it is there."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
from pathlib import Path
from typing import Any

from . import figure_tex

NAME = "notebooks"
MINUTES = 10
"""How long TeX gets: a formula of a stranger's notebook may run for ever."""
PACKAGES = "latexmk texlive-xetex texlive-latex-extra texlive-fonts-recommended fonts-freefont-otf"
"""What a PDF needs, as Debian and Ubuntu name it."""
_STRICT = {"openin_any": "p", "openout_any": "p", "shell_escape": "f"}
"""No formula reads files of the machine, writes elsewhere, or runs programs (kpathsea, 2.5)."""
_ERROR = re.compile(r"^! (.+)$", re.M)
_PLACE = re.compile(r"^l\.\d+ (.+)$", re.M)
_MISSING = re.compile(r"^Missing character: There is no (\S+)", re.M)


def latex_settings(title: str) -> dict[str, Any]:
    """What Sphinx is to know for LaTeX."""
    return {
        "latex_engine": "xelatex",
        "latex_use_xindy": False,
        "latex_documents": [("index", f"{NAME}.tex", title, "", "howto")],
        "latex_elements": {
            "papersize": "a4paper",
            "preamble": figure_tex.PREAMBLE,
            "printindex": "",
            "makeindex": "",
            "sphinxsetup": "verbatimwithframe=false, verbatimforcewraps=true",
        },
    }


def make_pdf(folder: Path) -> list[str]:
    """Makes a PDF beside the sources in a folder, where TeX is there.

    Returns:
        What had to be left out: the PDF itself, or characters that its fonts do not have.
    """
    if not shutil.which("latexmk") or not shutil.which("xelatex"):
        return [
            "no PDF: latexmk and xelatex are not on the PATH; the LaTeX sources are complete. "
            f"On Debian and Ubuntu: sudo apt install {PACKAGES}"
        ]
    # A formula that TeX stumbles over shall not cost the whole document.
    how = ["-pdfxe", "-f", "-interaction=nonstopmode", f"{NAME}.tex"]
    try:
        failed = _latexmk(folder, *how) != 0
    except subprocess.TimeoutExpired:
        return [f"no PDF: TeX did not end within {MINUTES} minutes; the LaTeX sources are complete"]
    path = folder / f"{NAME}.log"
    log = path.read_text("utf-8", "replace") if path.exists() else ""
    if not (folder / f"{NAME}.pdf").exists():
        return [
            f"no PDF: {_reason(log)}; see {path.name}. On Debian and Ubuntu it takes {PACKAGES}"
        ]
    lacking = sorted(set(_MISSING.findall(log)))
    omitted = [f"characters that the PDF's fonts lack: {' '.join(lacking)}"] if lacking else []
    if failed:
        return [f"what TeX could not read: {_reason(log)}; see {path.name}", *omitted]
    _latexmk(folder, "-c")
    return omitted


def _reason(log: str) -> str:
    """The first error of TeX, and what it was reading."""
    error = _ERROR.search(log)
    if not error:
        return "latexmk failed"
    place = _PLACE.search(log, error.end())
    return error.group(1).rstrip(".") + (f" at {place.group(1).strip()}" if place else "")


def _latexmk(folder: Path, *arguments: str) -> int:
    """Runs latexmk to its end, which is also that of the programs that it started."""
    with subprocess.Popen(  # noqa: S603
        ["latexmk", *arguments],  # noqa: S607
        cwd=folder,
        env={**os.environ, **_STRICT},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    ) as process:
        try:
            return process.wait(MINUTES * 60)
        except BaseException:
            os.killpg(process.pid, signal.SIGKILL)
            raise
