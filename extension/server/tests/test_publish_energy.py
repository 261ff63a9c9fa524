"""Energies as pages write and add them: the same as the command line."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest

from joulebook.publish.compare import compare_energies, compare_results
from joulebook.publish.energy import Energy, energy_of, missing, total
from joulebook.publish.record import result_of


@pytest.mark.parametrize(
    ("energy", "text"),
    [
        (Energy(12.43, 11.83, 13.03, "measured"), "12.4 J ± 0.6"),
        (Energy(12.4, 12.3, 13.0, "measured"), "12.4 J (12.3 to 13.0)"),
        (Energy(12.2, 7, 21, "modelled"), "about 12 J (7 to 21, modelled)"),
        (Energy(0.006, 0, 2.2, "modelled"), "about 0.006 J (0.0 to 2.2, modelled)"),
        (Energy(0.1, 0, 0.4, "measured", below=True), "< 0.4 J"),
        (Energy(12_400, 11_800, 13_000, "measured"), "12.4 kJ ± 0.6"),
        (Energy(3, None, None, "measured"), "about 3.0 J"),
        (missing("no sensor"), "missing (no sensor)"),
    ],
)
def test_as_many_digits_as_the_interval_allows(energy: Energy, text: str) -> None:
    assert energy.text == text


def test_errors_of_measured_values_add_in_quadrature_and_of_modelled_ones_as_they_are() -> None:
    measured = total([Energy(10, 7, 13, "measured"), Energy(10, 6, 14, "measured")])
    assert (measured.joules, measured.low, measured.high) == (20, 15, 25)
    modelled = total([Energy(10, 7, 13, "modelled"), Energy(10, 6, 14, "modelled")])
    assert (modelled.low, modelled.high, modelled.kind) == (13, 27, "modelled")
    mixed = total([Energy(10, 7, 13, "measured"), Energy(10, 6, 14, "modelled"), missing("x")])
    assert mixed.high == 20 + math.hypot(3, 4)
    assert total([missing("x")]).kind == "missing"


@pytest.mark.parametrize(
    "value",
    [
        None,
        "12 J",
        {"joules": "12", "low": 0, "high": 1, "kind": "measured"},
        {"joules": True, "low": 0, "high": 1, "kind": "measured"},
        {"joules": float("inf"), "low": 0, "high": 1, "kind": "measured"},
        {"joules": 1, "low": 3, "high": 2, "kind": "measured"},
        {"joules": 1, "low": 0, "high": 2, "kind": "<script>"},
        {"total": []},
    ],
)
def test_what_is_no_energy_is_none(value: Any) -> None:
    assert energy_of(value) is None


def test_reads_what_jupyterlab_and_the_command_line_write() -> None:
    fields = {"joules": 1, "low": 0.5, "high": 2, "kind": "modelled"}
    assert energy_of(fields) == energy_of({"total": fields, "policy": "active"})
    assert energy_of(fields) == Energy(1, 0.5, 2, "modelled")


@pytest.mark.parametrize(
    "energy",
    [
        Energy(1, 0.5, 2, "modelled"),
        Energy(0.1, 0, 0.4, "measured", below=True),
        Energy(1, 0.5, 1.5, "measured", repetitions=3),
        missing("no sensor"),
    ],
)
def test_what_a_page_remembers_of_an_energy_is_that_energy(energy: Energy) -> None:
    assert energy_of(json.loads(json.dumps(energy.as_json()))) == energy


@pytest.mark.parametrize(
    ("then", "now", "outcome"),
    [
        ("loss 0.25", "loss 0.2500000001", "same"),
        ("loss 0.25", "loss 0.26", "differs"),
        ("10 steps", "10 epochs", "differs"),
        ("1000 steps: 12.4 J ± 0.6 in 0.52 s", "1000 steps: 9.1 J ± 0.2 in 1.7 s", "same"),
        ("about 12 J (7 to 21, modelled)", "about 3 J (1 to 5, modelled)", "same"),
        ("12 µg (5.4 to 54, modelled)", "25 µg (11 to 103, modelled)", "same"),
        ("< 419 nJ", "about 86 nJ (11 to 809, modelled)", "same"),
        ("a\nb", "a", "differs"),
        ("x = -1", "x = 1", "differs"),
    ],
)
def test_results_agree_in_words_and_numbers_but_not_in_costs(
    then: str, now: str, outcome: str
) -> None:
    assert compare_results(then, now, 1e-6).outcome == outcome


def test_how_a_kernel_cuts_what_it_prints_makes_no_difference() -> None:
    def printed(*texts: str) -> dict[str, Any]:
        outputs = [{"output_type": "stream", "name": "stdout", "text": text} for text in texts]
        return {
            "outputs": [*outputs, {"output_type": "execute_result", "data": {"text/plain": "3"}}]
        }

    assert result_of(printed("1\n", "2\n")) == result_of(printed("1\n2\n")) == "1\n2\n\n3"


def test_energies_differ_when_their_intervals_do_not_meet() -> None:
    low, high = Energy(1, 0.5, 1.5, "measured"), Energy(3, 2, 4, "measured")
    assert compare_energies(low, high).outcome == "differs"
    assert compare_energies(low, Energy(1.6, 1.4, 1.8, "measured")).outcome == "same"
    assert compare_energies(None, high).outcome == "not compared"
