"""Checks that the parts made by npm are there, and names the platforms of the native modules."""

from __future__ import annotations

import platform
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface
from packaging.tags import sys_tags

NEEDED = (
    "joulebook/labextension/package.json",
    "joulebook/runtime/meter.mjs",
    "joulebook/runtime/meter-reader.mjs",
    "joulebook/runtime/kernel.mjs",
    "joulebook/runtime/kernel-checker.cjs",
    "joulebook/runtime/node_modules/zeromq/package.json",
    "joulebook/runtime/publish/mathjax.js",
    "joulebook/runtime/publish/plotly.min.js",
)


class Parts(BuildHookInterface[Any]):
    """Lets a wheel be built only when whole."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Refuses a wheel that lacks a part.

        An editable install takes nothing with it: `npm run build` links the parts where they are.
        """
        if version == "editable":
            return
        missing = [part for part in NEEDED if not (Path(self.root) / part).exists()]
        if missing:
            raise FileNotFoundError(
                f"{', '.join(missing)} missing. The wheel is built by: npm run package"
            )
        build_data["shared_data"] = self.config["shared-data"]
        build_data["tag"] = f"py3-none-{platform_tag()}"
        build_data["pure_python"] = False


def platform_tag() -> str:
    """The platform of this machine's native modules.

    On Linux zeromq's and koffi's need glibc 2.25, and the wheel of Node needs 2.28.
    """
    if platform.system() == "Linux":
        return f"manylinux_2_28_{platform.machine()}"
    return next(sys_tags()).platform
