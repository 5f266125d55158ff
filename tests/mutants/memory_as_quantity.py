"""Hands ``1000m`` to Kubernetes as it is, where it means one byte."""

from typing import Any

from constance import config
from django.conf import settings

from worker_wrapper import manifest
from worker_wrapper.wrapper import *  # noqa: F403

_resources = manifest._resources


def resources(*args: Any) -> dict[str, Any]:
    made = _resources(*args)
    for part in made.values():
        part["memory"] = config.WORKER_QGIS_MEMORY_LIMIT
    return made


manifest._resources = resources
settings.QFIELDCLOUD_K8S_START_TIMEOUT_S = "10"  # on a real node it never starts
