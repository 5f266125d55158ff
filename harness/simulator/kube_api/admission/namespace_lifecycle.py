"""NamespaceLifecycle: nothing new in a namespace that is missing or ends."""

from harness.simulator.kube_api import errors
from harness.simulator.kube_api.admission.attempt import CREATE, DELETE, Attempt
from harness.simulator.kube_api.objects import is_deleting
from harness.simulator.kube_api.store import Store

_IMMORTAL = ("default", "kube-system", "kube-public")


def admit(attempt: Attempt, store: Store) -> None:
    """Raise 404 without the namespace, 403 while it terminates."""
    if attempt.is_for("namespaces", DELETE) and attempt.name in _IMMORTAL:
        raise attempt.forbidden("this namespace may not be deleted")
    reviews = attempt.resource.group in (
        "authorization.k8s.io",
        "authentication.k8s.io",
    )
    if attempt.operation != CREATE or not attempt.namespace or reviews:
        return
    namespace = store.get("namespaces", "", attempt.namespace)
    if namespace is None:
        raise errors.not_found("", "namespaces", attempt.namespace)
    if not is_deleting(namespace):
        return
    name = attempt.namespace
    raise errors.forbidden(
        attempt.resource.group,
        attempt.resource.plural,
        attempt.name,
        f"unable to create new content in namespace {name} because it is being "
        "terminated",
        causes=[
            {
                "reason": "NamespaceTerminating",
                "message": f"namespace {name} is being terminated",
                "field": "metadata.namespace",
            }
        ],
    )
