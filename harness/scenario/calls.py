"""How a scenario names calls of the backend's API: ``create``, ``create jobs``, ….

A *step* is what every wrapper does on its way, whatever the backend calls it. Verbs and
resources are Kubernetes' own; Docker's calls are named in the same way.
"""

import difflib

STEPS: dict[str, tuple[str, ...]] = {
    "list": ("list containers", "list jobs"),
    "create": ("create containers", "create jobs", "create pods"),
    "secret": ("create secrets",),
    "start": ("start containers",),
    "launch": ("start containers", "create secrets"),
    "watch": ("wait containers", "watch pods"),
    "log": ("get containers/logs", "get pods/log"),
    "remove": ("delete containers", "delete jobs", "delete pods"),
}
"""``launch``: the call without which the worker, though made, never runs."""
VERBS = (
    *("get", "list", "watch", "create", "update", "patch"),
    *("delete", "deletecollection", "head", "post", "put"),
    *("attach", "exec", "kill", "prune", "rename", "restart", "start", "stop", "wait"),
)
"""Kubernetes' verbs, methods of HTTP, and what Docker does to a container."""
RESOURCES = (
    *("containers", "containers/create", "containers/logs", "containers/start"),
    *("images", "info", "networks", "version", "volumes"),
    *("configmaps", "cronjobs", "events", "jobs", "jobs/status", "namespaces", "nodes"),
    *("persistentvolumeclaims", "pods", "pods/exec", "pods/log", "pods/status"),
    *("resourcequotas", "secrets", "serviceaccounts", "services"),
)
"""What wrappers ask for; there may be others."""
ANY = "*"
PATTERN = r"^([a-z]+|[A-Za-z]+ [a-z_]+(/[a-z]+)?)$"
"""A step, or verb (or method) and resource."""


def unknown(text: str) -> str:
    """What is wrong with a text; "" for nothing that is known to be.

    >>> unknown("PSOT jobs")
    "names no call: 'PSOT' is no verb; did you mean `post`?"
    >>> unknown("POST jbos")
    "names no call: there are no 'jbos'; did you mean `jobs`?"
    >>> unknown("get leases")
    ''
    """
    if text in STEPS or text == ANY:
        return ""
    verb, _, resource = text.partition(" ")
    if not resource:
        return f"is no step. There are {', '.join(STEPS)}; or write verb and resource"
    if verb.lower() not in VERBS:
        near = difflib.get_close_matches(verb.lower(), VERBS, 1)
        meant = (
            f"did you mean `{near[0]}`?" if near else f"there are {', '.join(VERBS)}"
        )
        return f"names no call: {verb!r} is no verb; {meant}"
    near = difflib.get_close_matches(resource, RESOURCES, 1, cutoff=0.7)
    if resource not in RESOURCES and near:
        return f"names no call: there are no {resource!r}; did you mean `{near[0]}`?"
    return ""
