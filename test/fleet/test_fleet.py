"""A fleet in the real Prometheus: two daemons of one run, scraped through their Jupyter servers."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote
from urllib.request import urlopen

import pytest
import yaml

from conftest import BIN, ROOT, Meter, new_meter
from simulation.counter import Counter

FILES = ROOT / "notebooks/distributed"
TOOLS = Path(os.environ["PROMETHEUS"]).resolve()
PATIENCE_SECONDS = 60


def promtool(*args: str) -> None:
    checked = subprocess.run(
        [TOOLS / "promtool", *args], cwd=FILES, capture_output=True, text=True, timeout=60
    )
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_the_recording_rules_are_valid_and_add_up() -> None:
    promtool("check", "rules", "joulebook-rules.yml")
    promtool("test", "rules", "joulebook-rules.test.yml")


def test_the_dashboard_asks_only_for_what_the_rules_record() -> None:
    groups = yaml.safe_load((FILES / "joulebook-rules.yml").read_text())["groups"]
    recorded = {rule["record"] for group in groups for rule in group["rules"]}
    dashboard = json.loads((FILES / "grafana-dashboard.json").read_text())
    asked = {t["expr"].split("{")[0] for panel in dashboard["panels"] for t in panel["targets"]}
    assert asked == recorded


def test_a_run_on_two_nodes_is_one_query(tmp_path: Path, counter: Counter) -> None:
    with ExitStack() as stack:
        nodes = [
            stack.enter_context(node(tmp_path / name, counter, name, rank))
            for rank, name in enumerate(["node-a", "node-b"])
        ]
        ask = stack.enter_context(prometheus(tmp_path, [port for _, port in nodes]))
        for meter, _ in nodes:
            cell = "import time\nend = time.time() + 1\nwhile time.time() < end: pass"
            ran = meter.command("run", str(meter.notebook("train.ipynb", "python3", cell)))
            assert ran.returncode == 0, ran.stderr
        joules = [sum(e["total"]["joules"] for e in meter.executions()) for meter, _ in nodes]
        assert min(joules) > 50

        by_node = until(lambda: ask("run_node:joulebook_energy_joules:sum"), len(nodes))
        assert {labels["node"]: value for labels, value in by_node} == pytest.approx(
            {"node-a": joules[0], "node-b": joules[1]}
        )
        [(labels, total)] = ask("run:joulebook_energy_joules:sum")
        assert labels["run"] == "night"
        assert total == pytest.approx(sum(joules))
        notebooks = ask("joulebook_notebook_energy_joules_total")
        assert {(labels["run"], labels["node"], labels["rank"]) for labels, _ in notebooks} == {
            ("night", "node-a", "0"),
            ("night", "node-b", "1"),
        }
        assert all("notebook" in labels for labels, _ in notebooks)


@contextmanager
def node(home: Path, counter: Counter, name: str, rank: int) -> Iterator[tuple[Meter, int]]:
    """A daemon and a Jupyter server of one node, as a job's environment names it."""
    run = {"JOULEBOOK_RUN": "night", "NODE_NAME": name, "PMI_RANK": str(rank)}
    meter = new_meter(home, counter, run)
    port = free_port()
    meter.start()
    server = subprocess.Popen(
        [BIN / "jupyter", "server", "--no-browser", "--allow-root", f"--port={port}"]
        + ["--IdentityProvider.token=secret", f"--ServerApp.root_dir={home}"],
        env=meter.env,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield meter, port
    finally:
        server.terminate()
        server.wait(20)
        meter.stop()


@contextmanager
def prometheus(folder: Path, targets: list[int]) -> Iterator[Any]:
    """Prometheus with the shipped configuration, for other nodes and quicker."""
    config = yaml.safe_load((FILES / "prometheus.yml").read_text())
    config["global"] = {"scrape_interval": "1s", "evaluation_interval": "1s"}
    config["rule_files"] = [str(FILES / "joulebook-rules.yml")]
    config["scrape_configs"][0]["static_configs"] = [
        {"targets": [f"127.0.0.1:{port}" for port in targets]}
    ]
    (folder / "prometheus.yml").write_text(yaml.safe_dump(config))
    (folder / "jupyter-token").write_text("secret")
    port = free_port()
    process = subprocess.Popen(
        [TOOLS / "prometheus", "--config.file=prometheus.yml", "--storage.tsdb.path=data"]
        + [f"--web.listen-address=127.0.0.1:{port}"],
        cwd=folder,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )

    def ask(query: str) -> list[tuple[dict[str, str], float]]:
        try:
            url = f"http://127.0.0.1:{port}/api/v1/query?query={quote(query)}"
            with urlopen(url, timeout=10) as answer:
                found = json.load(answer)["data"]["result"]
        except OSError:
            return []  # it has not started yet
        return [(series["metric"], float(series["value"][1])) for series in found]

    try:
        yield ask
    finally:
        process.terminate()
        process.wait(20)


def until(ask: Any, count: int) -> list[tuple[dict[str, str], float]]:
    """What Prometheus knows, as soon as that many series have more than nothing."""
    end = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < end:
        found: list[tuple[dict[str, str], float]] = ask()
        if len([value for _, value in found if value > 0]) == count:
            return found
        time.sleep(0.5)
    raise AssertionError(f"after {PATIENCE_SECONDS} s Prometheus knows only {found}")


def free_port() -> int:
    with closing(socket.socket()) as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])
