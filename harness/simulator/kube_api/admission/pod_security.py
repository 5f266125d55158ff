"""PodSecurity: the namespace's labels refuse pods and warn of templates."""

from harness.simulator.kube_api.admission.attempt import CREATE, UPDATE, Attempt
from harness.simulator.kube_api.admission.pod_security_checks import violations
from harness.simulator.kube_api.objects import labels_of
from harness.simulator.kube_api.store import Store

_LABEL = "pod-security.kubernetes.io/"
_LEVELS = ("privileged", "baseline", "restricted")


def validate(attempt: Attempt, store: Store) -> None:
    """Raise 403 for a pod that violates `enforce`; add a warning for `warn`."""
    if attempt.is_for("pods", CREATE):
        spec, enforced = attempt.obj["spec"], True
    elif attempt.is_for("jobs", CREATE, UPDATE):
        spec, enforced = attempt.obj["spec"]["template"]["spec"], False
        if attempt.old and attempt.old["spec"]["template"]["spec"] == spec:
            return
    else:
        return
    namespace = store.get("namespaces", "", attempt.namespace)
    labels = labels_of(namespace or {})
    enforce = _level(labels, "enforce")
    if enforced:
        found = violations(enforce[0], spec)
        if found:
            policy = ":".join(enforce)
            raise attempt.forbidden(
                f'violates PodSecurity "{policy}": {", ".join(found)}'
            )
    warn = _level(labels, "warn")
    if f"{_LABEL}warn" not in labels and _stricter(enforce[0], warn[0]):
        warn = enforce
    found = violations(warn[0], spec)
    if found:
        policy = ":".join(warn)
        attempt.warnings.append(
            f'would violate PodSecurity "{policy}": {", ".join(found)}'
        )


def _level(labels: dict[str, str], mode: str) -> tuple[str, str]:
    level = labels.get(f"{_LABEL}{mode}", "privileged")
    version = labels.get(f"{_LABEL}{mode}-version", "latest")
    return (level if level in _LEVELS else "restricted", version)


def _stricter(one: str, other: str) -> bool:
    return _LEVELS.index(one) > _LEVELS.index(other)
