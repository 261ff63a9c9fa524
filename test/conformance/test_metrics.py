"""What Prometheus gets from the daemon, read by Prometheus' own Python library.

The rules of ``promtool check metrics`` beyond the format are few; they stand here, so that the test
needs no promtool. Where there is one it has the last word.
"""

from __future__ import annotations

import http.client
import re
import shutil
import socket
import subprocess
from pathlib import Path
from typing import Any

from prometheus_client.parser import text_string_to_metric_families

from conftest import Meter

#: Abbreviations and multiples of base units, which Prometheus' naming rules refuse.
NOT_BASE_UNITS = re.compile(
    r"_(ms|us|ns|milliseconds|microseconds|minutes|hours|days|kilobytes|kb|mb|"
    r"megabytes|bits|kwh|wh|millijoules|microjoules|milliwatts|percent)(_|$)"
)


def scrape(meter: Meter) -> str:
    """The text that ``/metrics`` answers on the daemon's socket."""
    path = Path(meter.env["JUPYTER_RUNTIME_DIR"]) / "joulebook/meter.sock"
    connection = http.client.HTTPConnection("localhost")
    connection.sock = socket.socket(socket.AF_UNIX)
    connection.sock.connect(str(path))
    connection.request("GET", "/metrics")
    answer = connection.getresponse()
    assert answer.status == 200
    text = answer.read().decode()
    connection.close()
    return text


def complaints(family: Any, text: str) -> list[str]:
    """What ``promtool check metrics`` would say of a family."""
    name = family.name
    found = []
    if not family.documentation:
        found.append(f"{name}: no help text")
    if family.type == "counter" and f"# TYPE {name}_total counter" not in text:
        found.append(f"{name}: a counter's name ends in _total")
    if family.type != "counter" and name.endswith(("_total", "_count", "_sum", "_bucket")):
        found.append(f"{name}: only a counter's name ends so")
    if NOT_BASE_UNITS.search(name):
        found.append(f"{name}: not a base unit")
    if not re.fullmatch(r"[a-z_]+", name) or re.search("_(counter|gauge)(_|$)", name):
        found.append(f"{name}: capitals, or its type in its name")
    return found


def test_prometheus_reads_what_the_daemon_tells(meter: Meter) -> None:
    odd = 'a "quoted" \\ back\\nslashed name.ipynb'
    notebook = meter.notebook(odd, "python3", "sum(range(10**6))", "1 / 0")
    meter.command("run", str(notebook), "--output", str(meter.home / "out.ipynb"))
    executions = [row for row in meter.executions() if row["notebook"] == str(notebook)]
    assert [row["status"] for row in executions] == ["ok", "error"]

    text = scrape(meter)
    families = {family.name: family for family in text_string_to_metric_families(text)}
    assert [line for family in families.values() for line in complaints(family, text)] == []
    by_notebook = {
        sample.labels["notebook"]: sample.value
        for sample in families["joulebook_notebook_energy_joules"].samples
    }
    joules = sum(row["total"]["joules"] for row in executions)
    assert abs(by_notebook[str(notebook)] - joules) < 1e-5
    assert {sample.labels["status"] for sample in families["joulebook_executions"].samples} == {
        "ok",
        "error",
    }

    promtool = shutil.which("promtool")
    if promtool:
        checked = subprocess.run(
            [promtool, "check", "metrics"], input=text, capture_output=True, text=True
        )
        assert (checked.returncode, checked.stderr) == (0, "")
