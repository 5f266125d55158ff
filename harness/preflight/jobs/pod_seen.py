"""What a pod's object and its log tell of a real job; no call is made here."""

import json
from collections.abc import Mapping
from typing import Any


def note(pod: Mapping[str, Any], seen: dict[str, Any]) -> None:
    """Bring what is known of a job up to date with its pod."""
    status = pod.get("status") or {}
    seen["pod"] = pod["metadata"]["name"]
    seen["pod_uid"] = pod["metadata"]["uid"]
    seen["node"] = (pod.get("spec") or {}).get("nodeName", "")
    seen["container"] = own_container(pod)
    seen["phase"] = status.get("phase", "")
    seen["reason"] = status.get("reason", "")
    for condition in status.get("conditions") or ():
        if condition["type"] == "PodScheduled" and condition["status"] != "True":
            seen["unscheduled"] = str(condition.get("message", ""))
        elif condition["type"] == "PodScheduled":
            seen.pop("unscheduled", None)
    _note_container(status.get("containerStatuses") or [], seen)
    if seen["phase"] in ("Succeeded", "Failed") or "exit_code" in seen:
        seen["ended"] = True


def _note_container(containers: list[Any], seen: dict[str, Any]) -> None:
    seen.pop("waiting", None)
    for container in containers:
        if container["name"] != seen["container"]:
            continue
        state = container.get("state") or {}
        seen["state"] = next(iter(state), "")
        seen["image_id"] = container.get("imageID", "")
        if "waiting" in state:
            words = state["waiting"]
            reason, message = words.get("reason", ""), words.get("message", "")
            seen["waiting"] = f"{reason}: {message}".rstrip(": ")
        if "terminated" in state:
            seen["exit_code"] = state["terminated"].get("exitCode")
            seen["terminated_reason"] = state["terminated"].get("reason", "")


def own_container(pod: Mapping[str, Any]) -> str:
    """The worker's container: the first; injected ones come after it."""
    return str(pod["spec"]["containers"][0]["name"])


def facts_of(text: str) -> dict[str, dict[str, Any]]:
    """The facts that a pod told, by name."""
    found = {}
    for line in text.splitlines():
        if line.startswith("QFC-FACT "):
            try:
                fact = json.loads(line[9:])
                found[str(fact["name"])] = fact
            except (ValueError, KeyError, TypeError):
                continue
    return found
