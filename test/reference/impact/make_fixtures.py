"""Writes what CodeCarbon and the formula of Green Algorithms say.

kernel-helpers/src/impact/reference.test.ts reads it, and formats.test.ts of extension/meter.
Run it with the packages of requirements.txt: python make_fixtures.py
"""

from __future__ import annotations

import dataclasses
import json
import random
from fractions import Fraction
from pathlib import Path

from codecarbon import __version__
from codecarbon.core.emissions import Emissions
from codecarbon.core.units import Energy
from codecarbon.external.geography import GeoMetadata
from codecarbon.input import DataSource
from codecarbon.output_methods.emissions_data import EmissionsData

TARGET = Path(__file__).resolve().parents[3] / "kernel-helpers/src/impact/fixtures/reference.json"
CASES = 40


def codecarbon(draw: random.Random) -> list[dict[str, float]]:
    """Kilograms of CO2e that CodeCarbon computes for energies at given intensities."""
    cases = []
    for _ in range(CASES):
        kwh = round(draw.uniform(0, 50), 6)
        intensity = round(draw.uniform(1, 900), 2)
        emissions = Emissions(DataSource(), force_carbon_intensity_g_co2e_kwh=intensity)
        place = GeoMetadata(country_iso_code="FRA", country_name="France")
        kilograms = emissions.get_private_infra_emissions(Energy.from_energy(kWh=kwh), place)
        cases.append({"kwh": kwh, "grams_per_kwh": intensity, "kilograms": kilograms})
    return cases


def green_algorithms(draw: random.Random) -> list[dict[str, float]]:
    """Equation 1 of Lannelongue et al. 2021, in fractions: kWh of jobs on cores with memory."""
    cases = []
    for _ in range(CASES):
        hours, cores, memory = draw.randint(1, 200), draw.randint(1, 64), draw.randint(1, 512)
        watts = Fraction(draw.randint(20, 200), 10)
        usage = Fraction(draw.randint(1, 100), 100)
        pue = Fraction(draw.randint(100, 200), 100)
        power = cores * watts * usage + memory * Fraction(3725, 10_000)
        cases.append(
            {
                "hours": hours,
                "cores": cores,
                "watts_per_core": float(watts),
                "usage": float(usage),
                "memory_gigabytes": memory,
                "pue": float(pue),
                "kwh": float(hours * power * pue / 1000),
            }
        )
    return cases


def main() -> None:
    draw = random.Random(11)
    fixture = {
        "codecarbon_version": __version__,
        "codecarbon_columns": [field.name for field in dataclasses.fields(EmissionsData)],
        "codecarbon": codecarbon(draw),
        "green_algorithms": green_algorithms(draw),
    }
    TARGET.write_text(json.dumps(fixture, indent=1) + "\n")


if __name__ == "__main__":
    main()
