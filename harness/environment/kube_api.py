"""The Kubernetes API as the harness itself uses it: JSON over HTTPS, its own rights.

A worker's objects are to be seen as the API gives them, so no model classes stand
between.
"""

import json
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import requests
import urllib3

from ..errors import EnvironmentMissing

TIMEOUT_S = 30.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Resource:
    """Where a kind of object lives in the API."""

    group: str
    version: str
    plural: str
    namespaced: bool = True


RESOURCES = {
    "Namespace": Resource(
        group="", version="v1", plural="namespaces", namespaced=False
    ),
    "Node": Resource(group="", version="v1", plural="nodes", namespaced=False),
    "PersistentVolume": Resource(
        group="", version="v1", plural="persistentvolumes", namespaced=False
    ),
    "PersistentVolumeClaim": Resource(
        group="", version="v1", plural="persistentvolumeclaims"
    ),
    "ServiceAccount": Resource(group="", version="v1", plural="serviceaccounts"),
    "Secret": Resource(group="", version="v1", plural="secrets"),
    "ConfigMap": Resource(group="", version="v1", plural="configmaps"),
    "Pod": Resource(group="", version="v1", plural="pods"),
    "Event": Resource(group="", version="v1", plural="events"),
    "ResourceQuota": Resource(group="", version="v1", plural="resourcequotas"),
    "LimitRange": Resource(group="", version="v1", plural="limitranges"),
    "Job": Resource(group="batch", version="v1", plural="jobs"),
    "Deployment": Resource(group="apps", version="v1", plural="deployments"),
    "PodDisruptionBudget": Resource(
        group="policy", version="v1", plural="poddisruptionbudgets"
    ),
    "NetworkPolicy": Resource(
        group="networking.k8s.io", version="v1", plural="networkpolicies"
    ),
    "Role": Resource(group="rbac.authorization.k8s.io", version="v1", plural="roles"),
    "RoleBinding": Resource(
        group="rbac.authorization.k8s.io", version="v1", plural="rolebindings"
    ),
}


class KubeRefused(Exception):
    """The API said no, in its own words."""

    def __init__(self, status: int, body: str, call: str) -> None:
        try:
            self.message = str(json.loads(body)["message"])
        except (ValueError, KeyError, TypeError):
            self.message = body[:500]
        super().__init__(f"{call}: {status}: {self.message}")
        self.status = status


@dataclass(frozen=True, kw_only=True, slots=True)
class KubeAccess:
    """How to reach an API server, and as whom."""

    url: str
    ca_file: str
    token: str = field(default="", repr=False)
    client_certificate: tuple[str, str] | None = None
    insecure: bool = False
    """The kubeconfig says insecure-skip-tls-verify."""


class KubeApi:
    """One API server."""

    def __init__(self, access: KubeAccess) -> None:
        self.access = access
        self._local = threading.local()

    @property
    def _session(self) -> requests.Session:
        """One for each thread: a session's connections are not to be shared."""
        session: requests.Session | None = getattr(self._local, "session", None)
        if session is None:
            session = self._local.session = self.new_session()
        return session

    def new_session(self) -> requests.Session:
        """A session with the credentials of this access, for a thread of its own."""
        session = requests.Session()
        session.trust_env = False
        # "" would switch the check off, where a kubeconfig relies on public authorities
        session.verify = not self.access.insecure and (self.access.ca_file or True)
        session.cert = self.access.client_certificate
        if self.access.token:
            session.headers["Authorization"] = f"Bearer {self.access.token}"
        return session

    def call(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        parameters: Mapping[str, str] | None = None,
    ) -> dict[str, Any]:
        """One request; its JSON answer.

        :raises KubeRefused: with the API's status
        :raises EnvironmentMissing: it can't be reached
        """
        response = self._request(method, path, body, parameters)
        answer: dict[str, Any] = response.json()
        return answer

    def _request(
        self,
        method: str,
        path: str,
        body: Any = None,
        parameters: Mapping[str, str] | None = None,
        *,
        stream: bool = False,
        content_type: str = "application/json",
    ) -> requests.Response:
        try:
            response = self._session.request(
                method,
                f"{self.access.url}{path}",
                data=None if body is None else json.dumps(body),
                headers={} if body is None else {"Content-Type": content_type},
                params=parameters,
                stream=stream,
                timeout=(TIMEOUT_S, None if stream else TIMEOUT_S),
            )
        except requests.RequestException as error:
            raise EnvironmentMissing(
                f"The Kubernetes API at {self.access.url} can't be reached: {error}"
            ) from error
        if response.status_code >= 400:
            raise KubeRefused(response.status_code, response.text, f"{method} {path}")
        return response

    def create(self, body: Mapping[str, Any], namespace: str = "") -> dict[str, Any]:
        """Create an object."""
        return self.call("POST", path_of(str(body["kind"]), namespace), body)

    def get(self, kind: str, name: str, namespace: str = "") -> dict[str, Any] | None:
        """Read an object; None where there is none."""
        try:
            return self.call("GET", f"{path_of(kind, namespace)}/{name}")
        except KubeRefused as error:
            if error.status == 404:
                return None
            raise

    def list(self, kind: str, namespace: str = "") -> list[dict[str, Any]]:
        """Every object of a kind, in a namespace or in all."""
        items: list[dict[str, Any]] = self.call("GET", path_of(kind, namespace))[
            "items"
        ]
        return items

    def delete(self, kind: str, name: str, namespace: str = "", **options: Any) -> None:
        """Delete an object; one that is gone is no error."""
        body = {"propagationPolicy": "Background", **options}
        try:
            self.call("DELETE", f"{path_of(kind, namespace)}/{name}", body)
        except KubeRefused as error:
            if error.status != 404:
                raise

    def watch(
        self, kind: str, namespace: str = "", resource_version: str = ""
    ) -> Iterator[dict[str, Any]]:
        """The events of one watch, to its end."""
        parameters = {"watch": "true", "timeoutSeconds": "600"}
        if resource_version:
            parameters["resourceVersion"] = resource_version
        path = path_of(kind, namespace)
        with self._request("GET", path, None, parameters, stream=True) as response:
            for line in response.iter_lines(chunk_size=None):
                if line:
                    yield json.loads(line)

    def log(self, namespace: str, pod: str, container: str) -> Iterator[bytes]:
        """The log of a container, followed to its end."""
        path = f"{path_of('Pod', namespace)}/{pod}/log"
        parameters = {"container": container, "follow": "true"}
        with self._request("GET", path, None, parameters, stream=True) as response:
            yield from response.raw.stream(65536)

    def last_log(self, namespace: str, pod: str, container: str) -> str:
        """The end of a container's log; what the API says instead if there is none."""
        path = f"{path_of('Pod', namespace)}/{pod}/log"
        parameters = {"container": container, "tailLines": "50"}
        try:
            return self._request("GET", path, None, parameters).text
        except KubeRefused as error:
            return error.message

    def replace(self, body: Mapping[str, Any], namespace: str = "") -> dict[str, Any]:
        """Put an object in the place of the one that has its name."""
        path = f"{path_of(str(body['kind']), namespace)}/{body['metadata']['name']}"
        return self.call("PUT", path, body)

    def patch(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """Change a part of an object; lists are merged by their keys."""
        kind = "application/strategic-merge-patch+json"
        answer = self._request("PATCH", path, body, content_type=kind)
        changed: dict[str, Any] = answer.json()
        return changed

    def token(self, namespace: str, account: str, seconds: int = 7200) -> str:
        """A token of a ServiceAccount."""
        path = f"{path_of('ServiceAccount', namespace)}/{account}/token"
        body = {
            "apiVersion": "authentication.k8s.io/v1",
            "kind": "TokenRequest",
            "spec": {"expirationSeconds": seconds},
        }
        return str(self.call("POST", path, body)["status"]["token"])


def path_of(kind: str, namespace: str = "") -> str:
    """The API's path of a kind's collection."""
    resource = RESOURCES[kind]
    root = f"/apis/{resource.group}" if resource.group else "/api"
    inside = f"/namespaces/{namespace}" if namespace and resource.namespaced else ""
    return f"{root}/{resource.version}{inside}/{resource.plural}"


BROKEN = (requests.RequestException, urllib3.exceptions.HTTPError, OSError, ValueError)
"""What a stream may raise that breaks."""
