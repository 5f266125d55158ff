"""What a mutating webhook does: adds containers to the pods of a namespace's Jobs.

The harness says over the control API what it adds; it stands for any injector, so no
call leaves the simulator.
"""

from collections.abc import Mapping
from typing import Any

from harness.simulator.kube_api.admission.attempt import CREATE, Attempt
from harness.simulator.kube_api.objects import copy_json, owners_of
from harness.simulator.kube_api.registry import pod_defaults


def admit(attempt: Attempt, injected: Mapping[str, Mapping[str, Any]]) -> None:
    """Add what is to be added, with the defaults that every pod gets."""
    more = injected.get(attempt.namespace)
    if not more or not attempt.is_for("pods", CREATE):
        return
    if not any(owner["kind"] == "Job" for owner in owners_of(attempt.obj)):
        return
    spec = attempt.obj["spec"]
    for kind, containers in more.items():
        spec[kind] = [*(spec.get(kind) or ()), *copy_json(containers)]
    pod_defaults.default_pod(attempt.obj)
