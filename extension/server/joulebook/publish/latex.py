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
    how = ["-pdfxe", "-interaction=nonstopmode", "-halt-on-error", f"{NAME}.tex"]
    try:
        code = _latexmk(folder, *how)
    except subprocess.TimeoutExpired:
        return [f"no PDF: TeX did not end within {MINUTES} minutes; the LaTeX sources are complete"]
    path = folder / f"{NAME}.log"
    log = path.read_text("utf-8", "replace") if path.exists() else ""
    if code:
        error = _ERROR.search(log)
        reason = error.group(1) if error else f"latexmk ended with {code}"
        return [
            f"no PDF: {reason}; see {NAME}.log. On Debian and Ubuntu TeX is whole with {PACKAGES}"
        ]
    _latexmk(folder, "-c")
    lacking = sorted(set(_MISSING.findall(log)))
    return [f"characters that the PDF's fonts lack: {' '.join(lacking)}"] if lacking else []


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
