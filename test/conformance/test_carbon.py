"""The carbon of what ran: library, report and exports say the same, then and later."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from conftest import Counter, Meter, new_meter

GRAMS = 88
JOULES_PER_KWH = 3.6e6


class Grid(BaseHTTPRequestHandler):
    """Britain's grid operator, whose two half hours emit alike."""

    grams = GRAMS

    def do_GET(self) -> None:
        begin = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
        hours = [begin + timedelta(hours=n) for n in range(3)]
        texts = [hour.strftime("%Y-%m-%dT%H:%MZ") for hour in hours]
        told = {"forecast": self.grams, "actual": None, "index": "low"}
        spans = [
            {"from": a, "to": b, "intensity": told} for a, b in zip(texts, texts[1:], strict=False)
        ]
        body = json.dumps({"data": spans}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def metered(tmp_path: Path, counter: Counter) -> Iterator[Meter]:
    """A meter that asks the grid's operator."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Grid)
    Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{server.server_port}"
    meter = new_meter(tmp_path, counter, {"JOULEBOOK_NESO_URL": url})
    meter.start()
    yield meter
    meter.stop()
    server.shutdown()
    server.server_close()


def test_the_carbon_of_a_cell_is_that_of_when_it_ran(metered: Meter) -> None:
    assert metered.command("settings", "zone=GB", "service=neso").returncode == 0
    source = (
        "import { footprintOf, measure } from 'kernel-helpers';\n"
        "const wait = () => new Promise(done => setTimeout(done, 500));\n"
        "const { energy } = await measure('wait', wait);\n"
        "const { carbon } = await footprintOf(energy);\n"
        "console.log(JSON.stringify([energy.joules, carbon?.location.value]));"
    )
    joules, library = json.loads(metered.printed("carbon.ipynb", source))
    assert library == pytest.approx(joules / JOULES_PER_KWH * GRAMS)

    def told() -> float:
        """The cell's grams, which report and exports say alike."""
        (execution,) = metered.executions()
        joules = execution["total"]["joules"]
        expected = joules / JOULES_PER_KWH * execution["carbon"]["value"]
        report = json.loads(metered.command("report", "--json").stdout)
        assert report["total"]["impact"]["carbon"]["location"]["value"] == pytest.approx(expected)
        header, row = metered.command("export", "--format", "csv").stdout.splitlines()
        fields = dict(zip(header.split(","), row.split(","), strict=True))
        assert float(fields["location_g"]) == pytest.approx(expected)
        assert fields["carbon_service"] == "neso"
        return expected

    then = told()
    (execution,) = metered.executions()
    assert then == pytest.approx(execution["total"]["joules"] / JOULES_PER_KWH * GRAMS)

    # The grid changes; what ran has emitted what it has emitted.
    metered.stop()
    Grid.grams = 3 * GRAMS
    for cache in metered.home.rglob("*carbon*.json"):
        cache.unlink()
    metered.start()
    assert told() == pytest.approx(then)
    # Whoever asks for a year gets a year.
    assert metered.command("settings", "service=offline").returncode == 0
    report = json.loads(metered.command("report", "--json").stdout)
    assert report["total"]["impact"]["carbon"]["location"]["value"] != pytest.approx(then)
