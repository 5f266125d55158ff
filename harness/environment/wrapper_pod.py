"""The pod that a slot's wrappers run in, one cell after the other.

To make a pod takes longer, and more of the node, than most jobs. So a pod stays for the
next cell if that wants the same one: what ran there is killed, what it wrote below /tmp
removed, and the tap begins anew. A cell that wants another pod gets a new one, and so
does whoever comes after a cell that failed to leave this one as it was.
"""

import base64
from collections.abc import Mapping
from typing import Any

from ..errors import HarnessError
from ..incluster import sidecar, wrapper
from .kube_api import KubeApi
from .kube_observer import KubeObserver
from .manifests import Object
from .patience import COLLECT, SCHEDULE
from .pod_client import PodClient


class WrapperPod:
    """One pod, by its name in its namespace; made when it is first wanted."""

    def __init__(
        self,
        api: KubeApi,
        observer: KubeObserver,
        namespace: str,
        name: str,
        token: str,
    ) -> None:
        self._api, self._observer = api, observer
        self.namespace, self.name, self.token = namespace, name, token
        self.agent, self.sidecar = (
            PodClient(api, namespace, name, port=port, token=token)
            for port in (wrapper.PORT, sidecar.PORT)
        )
        self.uids: list[str] = []
        """Of the pod and its Secret."""
        self._fresh = True
        self._spec: Object = {}
        self._secret: Object = {}
        self._values: Mapping[str, str] = {}

    def begin(self, spec: Object, secret: Object) -> dict[str, str]:
        """Have the pod be there, with this Secret as its environment.

        :returns: what the pod's environment lacks, because it was made with another
            Secret: the processes that are started in it have to be told
        """
        values = _values(secret)
        if self._spec == spec and set(self._values) == set(values):
            old = self._values
            return {name: one for name, one in values.items() if old[name] != one}
        if self._spec:
            self._remove()
            COLLECT.wait(f"the pod {self.name} to go", self._gone)
        self._secret = secret
        for one in (secret, spec):
            made = self._api.create(one, self.namespace)
            self.uids.append(str(made["metadata"]["uid"]))
        self._spec, self._values, self._fresh = spec, values, True
        return {}

    @property
    def usable(self) -> bool:
        """Whether it is there, for another cell."""
        return bool(self._spec)

    def wait_until_ready(self) -> None:
        """Wait until its programs answer.

        :raises TimedOut: they never do, with what became of the pod
        :raises HarnessFailure: one has ended, with its last words
        """
        if self._fresh:  # until then it is no use to ask its programs
            self._observer.wait_for(self.namespace, self._has_begun, SCHEDULE.seconds)
            self._fresh = False
        self.sidecar.wait_until_ready()
        self.agent.wait_until_ready()

    def _has_begun(self, pod: Mapping[str, Any]) -> bool:
        """Its containers run, or it has a trouble that whoever asks it will tell."""
        if pod["metadata"]["uid"] not in self.uids:
            return False
        found = pod["status"].get("containerStatuses") or ()
        return bool(found) and not any("waiting" in one["state"] for one in found)

    def renew(self) -> None:
        """Make it as it was in the beginning; where that can't be, remove it."""
        if not self._spec:
            return
        try:
            self.agent.call("POST", "renew")
            self.sidecar.call("POST", "renew")
        except HarnessError:
            self.end()

    def end(self) -> None:
        """Remove it, without waiting for its end."""
        if self._spec:
            self._remove()
        self.agent.close()
        self.sidecar.close()

    def _remove(self) -> None:
        self._api.delete("Pod", self.name, self.namespace, gracePeriodSeconds=0)
        self._api.delete("Secret", self._secret["metadata"]["name"], self.namespace)
        self._spec = {}

    def _gone(self) -> tuple[bool | None, str]:
        there = self._api.get("Pod", self.name, self.namespace) is not None
        return (None, "it is still there") if there else (True, "")


def _values(secret: Object) -> dict[str, str]:
    found: Mapping[str, str] = secret["data"]
    return {name: base64.b64decode(one).decode() for name, one in found.items()}
