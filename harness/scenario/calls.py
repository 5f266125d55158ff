"""How a scenario names calls of the backend's API: ``create``, ``create jobs``, ….

A *step* is what every wrapper does on its way, whatever the backend calls it. Verbs and
resources are Kubernetes' own; Docker's calls are named in the same way.
"""

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
PATTERN = r"^([a-z]+|[A-Za-z]+ [a-z_]+(/[a-z]+)?)$"
"""A step, or verb (or method) and resource."""


def unknown(text: str) -> str:
    """What is wrong with a text; "" for nothing."""
    if " " in text or text in STEPS:
        return ""
    return f"is no step. There are {', '.join(STEPS)}; or write verb and resource"
