"""Puts scenarios, fixtures and manifests into the wheel, not into editable installs.

An editable install reads them from the checkout; a copy would go stale.
"""

from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

DATA = ("scenarios", "fixtures", "k8s-manifests")


class CarryData(BuildHookInterface):
    """Adds the data folders below ``harness/_data`` of a real wheel."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Called by hatchling before a wheel is built."""
        if version == "standard":
            for folder in DATA:
                build_data["force_include"][folder] = f"harness/_data/{folder}"
