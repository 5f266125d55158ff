"""A namespace of one test, and the objects that tests put there."""

import time
from collections.abc import Callable
from typing import Any

from ..recorder import Recorder
from ..wire import Answer, Api

IMAGE = "debian:bookworm-slim"
RBAC = "/apis/rbac.authorization.k8s.io/v1"


class Space:
    """A namespace of one test, and short forms for what is in it."""

    def __init__(self, server: Api, see: Recorder, name: str) -> None:
        self.server = server
        self.see = see
        self.name = see.name(name, "ns")

    def path(self, plural: str, name: str = "", query: str = "") -> str:
        """The path of a resource; `jobs` is in batch, roles in rbac, the rest in v1."""
        groups = {
            "jobs": "/apis/batch/v1",
            "leases": "/apis/coordination.k8s.io/v1",
            "roles": RBAC,
            "rolebindings": RBAC,
        }
        base = f"{groups.get(plural, '/api/v1')}/namespaces/{self.name}/{plural}"
        return base + (f"/{name}" if name else "") + (f"?{query}" if query else "")

    def __call__(
        self, method: str, plural: str, name: str = "", body: Any = None, **more: Any
    ) -> Answer:
        """One request: ``space("GET", "pods", "p")``."""
        query = more.pop("query", "")
        return self.server(method, self.path(plural, name, query), body, **more)

    def create(self, plural: str, body: dict[str, Any]) -> Any:
        """Create an object that has to be created; its JSON."""
        answer = self("POST", plural, body=body)
        assert answer.status == 201, answer.body
        return answer.body

    def wait(
        self,
        plural: str,
        name: str,
        holds: Callable[[Any], Any],
        *,
        seconds: float = 60,
    ) -> Any:
        """The object once something holds for it (None once it is gone)."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            answer = self("GET", plural, name)
            found = None if answer.status == 404 else answer.body
            if holds(found):
                return found
            time.sleep(0.05)
        raise AssertionError(f"{plural} {name}: waited {seconds} s; last: {found}")

    def wait_phase(self, name: str, *phases: str, seconds: float = 60) -> Any:
        """A pod that has reached a phase."""
        return self.wait(
            "pods",
            name,
            lambda pod: pod and pod["status"].get("phase") in phases,
            seconds=seconds,
        )

    def account(self, name: str, *rules: dict[str, Any]) -> Api:
        """A service account with a role of these rules; the API as that account."""
        self.create("serviceaccounts", {"metadata": {"name": name}})
        self.create("roles", {"metadata": {"name": name}, "rules": list(rules)})
        binding = {
            "metadata": {"name": name},
            "roleRef": {
                "apiGroup": "rbac.authorization.k8s.io",
                "kind": "Role",
                "name": name,
            },
            "subjects": [
                {"kind": "ServiceAccount", "name": name, "namespace": self.name}
            ],
        }
        self.create("rolebindings", binding)
        made = self("POST", "serviceaccounts", f"{name}/token", {"spec": {}})
        assert made.status == 201, made.body
        token = made.body["status"]["token"]
        return self.server.as_user(Authorization=f"Bearer {token}")


def pod(name: str, *command: str, **spec: Any) -> dict[str, Any]:
    """A pod with one container `c`, whose fields are given as ``c={...}``."""
    container = {"name": "c", "image": IMAGE, **spec.pop("c", {})}
    if command:
        container["command"] = list(command)
    base = {
        "restartPolicy": "Never",
        "automountServiceAccountToken": False,
        "containers": [container],
    }
    return {"metadata": {"name": name}, "spec": {**base, **spec}}


def job(name: str, *command: str, pod_spec: Any = None, **spec: Any) -> dict[str, Any]:
    """A Job of such a pod; `backoffLimit` is 0 unless given."""
    template = {"spec": pod("", *command, **(pod_spec or {}))["spec"]}
    return {
        "metadata": {"name": name},
        "spec": {"backoffLimit": 0, "template": template, **spec},
    }


def events_of(space: Space, name: str) -> list[list[Any]]:
    """What Events say of an object: type, reason, message, path, in order of time."""
    query = f"fieldSelector=involvedObject.name={name}"
    items = space("GET", "events", query=query).body["items"]
    items.sort(key=lambda item: int(item["metadata"]["name"].rpartition(".")[2], 16))
    return [
        [e["type"], e["reason"], e["message"], e["involvedObject"].get("fieldPath", "")]
        for e in items
    ]
