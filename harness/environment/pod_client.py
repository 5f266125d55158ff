"""Asks the harness's programs in a pod, through the API server's proxy.

``pods/proxy`` is a right that whoever administers a namespace has, works wherever
kubectl does, and needs no way from this machine into the cluster's network.
"""

from collections.abc import Mapping
from typing import Any

import requests

from ..errors import HarnessFailure
from ..incluster.served import TOKEN_HEADER
from .kube_api import KubeAccess, KubeApi, path_of
from .patience import CALL, START

_NOT_YET = {400, 500, 502, 503, 504}
"""What the API server answers for a pod that has no address, or doesn't listen yet."""


def proxy_url(access: KubeAccess, namespace: str, pod: str, port: int) -> str:
    """The URL by which the API server leads to a port of a pod."""
    return f"{access.url}{path_of('Pod', namespace)}/{pod}:{port}/proxy"


class PodClient:
    """One port of one pod."""

    def __init__(
        self, api: KubeApi, namespace: str, pod: str, *, port: int, token: str
    ) -> None:
        self._url = proxy_url(api.access, namespace, pod, port)
        self._name = f"{pod}:{port}"
        self._session = api.new_session()
        self._session.headers[TOKEN_HEADER] = token
        self._api, self._namespace, self._pod = api, namespace, pod

    def call(
        self,
        method: str,
        route: str,
        *,
        data: bytes | None = None,
        body: Any = None,
        timeout_s: float = CALL.seconds,
        **query: str,
    ) -> Any:
        """One request; the JSON of its answer, None where it has none.

        :raises HarnessFailure: no answer, or another than was hoped for
        """
        try:
            response = self._session.request(
                method,
                f"{self._url}/{route}",
                data=data,
                json=body,
                params=query,
                timeout=timeout_s,
            )
        except requests.RequestException as error:
            raise HarnessFailure(
                f"The pod {self._name} doesn't answer {method} {route}: {error}"
            ) from error
        if not response.ok:
            raise PodRefused(
                response.status_code,
                f"The pod {self._name} refuses {method} {route}: "
                f"{response.status_code} {response.text[-1500:]}",
            )
        return response.json() if response.content else None

    def wait_until_ready(self) -> None:
        """Wait until the pod's program answers.

        :raises TimedOut: it never does, with what became of the pod
        :raises HarnessFailure: it has ended, with its last words
        """

        def look() -> tuple[bool | None, str]:
            try:
                self.call("GET", "health")
            except PodRefused as error:
                if error.status == 404:  # it answers: there is no such route
                    return True, ""
                if error.status not in _NOT_YET:
                    raise
                return None, f"{self._seen()}; {error.message[:300]}"
            return True, ""

        START.wait(f"the pod {self._name} to answer", look)

    def _seen(self) -> str:
        pod = self._api.get("Pod", self._pod, self._namespace)
        if pod is None:
            raise HarnessFailure(f"The pod {self._name} is gone.")
        words = describe(pod)
        if pod["status"].get("phase") in ("Failed", "Succeeded"):
            raise HarnessFailure(
                f"The pod {self._name} has ended: {words}\n    {self._log(pod)}"
            )
        return words

    def _log(self, pod: Mapping[str, Any]) -> str:
        lines = []
        for container in pod["spec"]["containers"]:
            name = container["name"]
            content = self._api.last_log(self._namespace, self._pod, name)
            lines += [f"{name}: {line}" for line in content.splitlines()[-8:]]
        return "\n    ".join(lines)

    def close(self) -> None:
        """Close its connections."""
        self._session.close()


class PodRefused(HarnessFailure):
    """The pod, or the API server on the way to it, said no."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


def describe(pod: Mapping[str, Any]) -> str:
    """A pod's phase, and what its containers wait for or ended with."""
    status = pod.get("status") or {}
    words = [str(status.get("phase", "?"))]
    for condition in status.get("conditions") or ():
        if condition.get("status") != "True" and condition.get("message"):
            words.append(str(condition["message"]))
    for container in status.get("containerStatuses") or ():
        for state, detail in (container.get("state") or {}).items():
            reason = detail.get("reason", "")
            message = detail.get("message", "")
            words.append(f"{container['name']} {state} {reason} {message}".strip())
    return "; ".join(words)
