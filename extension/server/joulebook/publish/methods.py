"""How the energies of a page were measured, in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from .cleaning import plain_text

POLICIES = {
    "active": "a cell's share of what the machine drew above its idle power",
    "share-idle": "a cell's share of all that the machine drew, idle power included",
    "exclusive": "all that the machine drew while the cell ran",
}
_LONGEST = 120


def methods_of(document: Mapping[str, Any], rows: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """What a reader needs to judge the energies, by the name of each fact.

    Args:
        document: The notebook; `joulebook run --metadata` has written its methods into it.
        rows: What the cells say of their execution: policy, domains, time.
    """
    metadata = document.get("metadata")
    written = metadata.get("joulebook") if isinstance(metadata, dict) else None
    methods = written.get("methods") if isinstance(written, dict) else None
    known = methods if isinstance(methods, dict) else {}
    cells = list(rows)
    facts = {
        "Measured": _dates(cells, known),
        "Machine": _machine(known.get("machine")),
        "Sensors": _sensors(known.get("sensors"), cells),
        "Policy": _policies(cells, known),
        "Kernel": _kernel(metadata if isinstance(metadata, dict) else {}),
        "joulebook": _version(known),
    }
    return {name: fact for name, fact in facts.items() if fact}


def _dates(cells: list[Mapping[str, Any]], known: Mapping[str, Any]) -> str:
    said = [_word(cell.get("ended_at") or cell.get("date"))[:10] for cell in cells]
    said.append(_word(known.get("date"))[:10])
    days = sorted({day for day in said if day})
    return f"{days[0]} to {days[-1]}" if len(days) > 1 else "".join(days)


def _machine(machine: object) -> str:
    if not isinstance(machine, dict):
        return ""
    parts = [_word(machine.get("processor")), _word(machine.get("system"))]
    cores, memory = machine.get("cores"), machine.get("memory_bytes")
    if isinstance(cores, int):
        parts.insert(1, f"{cores} cores")
    if isinstance(memory, (int, float)):
        parts.insert(2, f"{memory / 2**30:.0f} GiB")
    return ", ".join(part for part in parts if part)


def _sensors(sensors: object, cells: list[Mapping[str, Any]]) -> str:
    found = sensors if isinstance(sensors, list) else []
    named = [
        f"{_word(s.get('domain'))} ({_word(s.get('device'))}, {_word(s.get('kind'))})"
        for s in found
        if isinstance(s, dict)
    ]
    if not named:
        domains = [d for cell in cells for d in _list(cell.get("domains")) if isinstance(d, dict)]
        named = [
            f"{_word(d.get('domain'))} ({_word(d.get('sensor'))}, {_word(d.get('kind'))})"
            for d in domains
        ]
    return "; ".join(dict.fromkeys(named))


def _policies(cells: list[Mapping[str, Any]], known: Mapping[str, Any]) -> str:
    said = dict.fromkeys(_word(cell.get("policy")) for cell in cells if cell.get("policy"))
    names = list(said) or [_word(known.get("policy"))]
    return "; ".join(f"{name}: {POLICIES[name]}" for name in names if name in POLICIES)


def _kernel(metadata: Mapping[str, Any]) -> str:
    spec, language = metadata.get("kernelspec"), metadata.get("language_info")
    name = _word(spec.get("display_name")) if isinstance(spec, dict) else ""
    version = _word(language.get("version")) if isinstance(language, dict) else ""
    return f"{name} {version}".strip()


def _version(known: Mapping[str, Any]) -> str:
    version, node = _word(known.get("version")), _word(known.get("node"))
    return f"{version}, on Node.js {node}" if version and node else version


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _word(value: object) -> str:
    return plain_text(value)[:_LONGEST]
