"""What a report shows of a failure besides logs: pods and containers, in few lines."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

LINES = 300
"""So many lines of a node's log are asked for."""
LIMIT = 64 * 1024
"""Characters of one text; its end tells more than its beginning."""


def tail(text: str, limit: int = LIMIT) -> str:
    """The end of a text that is too long.

    >>> tail("abcdef", 3)
    '… 3 characters …\\ndef'
    """
    if len(text) <= limit:
        return text
    return f"… {len(text) - limit} characters …\n{text[-limit:]}"


def pods(objects: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """Each pod as last seen, by its name."""
    return {str(one["metadata"]["name"]): tail(_pod(one)) for one in objects}


def _pod(found: Mapping[str, Any]) -> str:
    meta, spec = found["metadata"], found.get("spec", {})
    status = found.get("status", {})
    lines = [
        f"node: {spec.get('nodeName') or 'none'}",
        f"phase: {status.get('phase')} {status.get('reason') or ''}".rstrip(),
    ]
    if "deletionTimestamp" in meta:
        lines.append(f"being deleted since {meta['deletionTimestamp']}")
    lines += [
        f"condition {one['type']}: {one['status']} {one.get('reason', '')} "
        f"{one.get('message', '')}".rstrip()
        for one in status.get("conditions") or ()
    ]
    for container in status.get("containerStatuses") or ():
        for key in ("state", "lastState"):
            if container.get(key):
                words = json.dumps(container[key], sort_keys=True)
                lines.append(f"container {container['name']}, {key}: {words}")
    return "\n".join(lines)


def containers(inspected: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    """The state of each container as last inspected, by its name."""
    return {
        name: tail(json.dumps(one.get("State", {}), indent=1, sort_keys=True))
        for name, one in inspected.items()
    }
