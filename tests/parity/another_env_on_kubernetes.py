"""Gives the worker a variable more on Kubernetes than on Docker."""

from typing import Any

from worker_wrapper import manifest
from worker_wrapper.wrapper import *  # noqa: F403

_container = manifest._container


def container(*args: Any) -> dict[str, Any]:
    made = _container(*args)
    more = {"name": "QGIS_PLUGINPATH", "value": "/plugins"}
    return made | {"env": [*made["env"], more]}


manifest._container = container
