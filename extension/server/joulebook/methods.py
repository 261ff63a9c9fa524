"""How a run was measured, as `joulebook run` writes it too: machine, sensors, versions."""

from __future__ import annotations

import os
import platform
from datetime import datetime, timezone
from typing import Any


def methods_of_status(status: dict[str, Any]) -> dict[str, Any]:
    """Says how a run that ends now was measured.

    Args:
        status: The daemon's answer to `GET /v1/status`.
    """
    sensors = [
        {name: sensor[name] for name in ("id", "domain", "device", "kind")}
        for sensor in status.get("sensors", [])
        if sensor.get("state") in ("active", "contained")
    ]
    return {
        "version": status.get("version"),
        "date": datetime.now(timezone.utc).isoformat(),
        "policy": status.get("policy"),
        "machine": this_machine(),
        "sensors": sensors,
    }


def this_machine() -> dict[str, Any]:
    """The machine that this runs on, without its name."""
    system = platform.uname()
    machine: dict[str, Any] = {
        "processor": _processor() or system.machine,
        "cores": os.cpu_count() or 1,
        "system": f"{system.system} {system.release} {system.machine}",
    }
    if hasattr(os, "sysconf") and "SC_PHYS_PAGES" in os.sysconf_names:
        machine["memory_bytes"] = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return machine


def _processor() -> str:
    try:
        with open("/proc/cpuinfo", encoding="utf-8", errors="replace") as file:
            lines = [line.partition(":") for line in file]
    except OSError:
        return platform.processor()
    return next((value.strip() for name, _, value in lines if name.strip() == "model name"), "")
