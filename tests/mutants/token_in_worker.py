"""Lets Kubernetes put a ServiceAccount's token into the worker."""

from typing import Any

from worker_wrapper import manifest
from worker_wrapper.wrapper import *  # noqa: F403

_pod_spec = manifest._pod_spec


def pod_spec(*args: Any) -> dict[str, Any]:
    return _pod_spec(*args) | {"automountServiceAccountToken": True}


manifest._pod_spec = pod_spec
