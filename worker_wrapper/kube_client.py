"""The few calls of the Kubernetes API that the wrapper makes, as JSON.

The client library brings credentials, certificates and proxies. Its generated classes
stay unused: they differ between major versions, and importing them takes seconds. Every
call has a time-out, is tried again on what passes by itself (429, 5xx, a broken
connection), waits as ``Retry-After`` says, and reads its credentials anew after a 401.
So each of them must be one that may be made twice: names are the job's own.
"""

import contextlib
import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import urllib3
from kubernetes import config
from kubernetes.client import Configuration
from kubernetes.client.rest import RESTClientObject

from . import failures
from .failures import WorkerFailed
from .retrying import Retrying
from .settings import KubernetesSettings

CONNECT_TIMEOUT_S = 10
WATCH_SLACK_S = 5
"""So much later than its end a watch is known to be dead."""
USER_AGENT = "qfieldcloud-worker-wrapper"
LONGEST_RETRY_AFTER_S = 60.0
PASSING = {401, 429, 500, 502, 503, 504}
"""401 too: an API server that starts doesn't know every token at once."""


class KubeError(Exception):
    """The API's refusal, with its own words."""

    def __init__(self, status: int, reason: str, message: str, action: str) -> None:
        super().__init__(f"{action}: {status} {reason}: {message}")
        self.status = status
        self.reason = reason
        self.message = message


def _refusal(response: Any, action: str) -> KubeError:
    body = response.data.decode(errors="replace")
    try:
        status = json.loads(body)
        reason, message = str(status.get("reason", "")), str(status["message"])
    except (
        ValueError,
        KeyError,
        TypeError,
        AttributeError,
    ):  # a proxy's answer, not the API's
        reason, message = str(response.reason or ""), body[:1000]
    return KubeError(response.status, reason, message, action)


class WatchError(Exception):
    """The server ended a watch with an error: begin again with a list."""


class KubeClient:
    """The API of one cluster, for one namespace."""

    def __init__(self, settings: KubernetesSettings) -> None:
        self._settings = settings
        self._namespace = settings.namespace
        self._connect()

    def _connect(self) -> None:
        self._configuration = Configuration()
        settings = self._settings
        try:
            if settings.kubeconfig or settings.context:
                config.load_kube_config(
                    config_file=settings.kubeconfig or None,
                    context=settings.context or None,
                    client_configuration=self._configuration,
                )
            else:
                try:
                    config.load_incluster_config(self._configuration)
                except config.ConfigException:
                    config.load_kube_config(client_configuration=self._configuration)
        except (config.ConfigException, OSError) as error:
            raise WorkerFailed(
                failures.BACKEND_UNREACHABLE,
                f"No credentials for Kubernetes: {error}. Run the wrapper in a pod "
                "with a ServiceAccount, or set QFIELDCLOUD_K8S_KUBECONFIG.",
            ) from error
        self._pool = RESTClientObject(self._configuration).pool_manager

    def _headers(self) -> dict[str, str]:
        # asked at each call: the library renews a token that is about to expire
        credentials = self._configuration.auth_settings().values()
        found = {one["key"]: one["value"] for one in credentials if one.get("value")}
        return {"Accept": "application/json", "User-Agent": USER_AGENT, **found}

    def _call(
        self,
        action: str,
        method: str,
        path: str,
        *,
        query: dict[str, Any] | None = None,
        body: Any = None,
        read_timeout_s: float = 0,
        stream: bool = False,
        again: bool = True,
    ) -> Any:
        """One request, tried again as often as it makes sense; the response.

        :param read_timeout_s: in place of the settings' own
        :param stream: leave the body to be read by the caller
        :param again: try again at all
        :raises KubeError: refused
        :raises WorkerFailed: can't be reached
        """
        retrying = Retrying(self._settings.api.patience_s if again else 0)
        renewed = False
        while True:
            retry_after = 0.0
            try:
                response = self._send(method, path, query, body, read_timeout_s, stream)
                refusal = _refusal(response, action) if response.status >= 300 else None
            except (urllib3.exceptions.HTTPError, OSError) as error:
                unreachable = WorkerFailed(
                    failures.BACKEND_UNREACHABLE, f"{action}: {error}"
                )
                if not retrying.pause(unreachable):
                    raise unreachable from error
                continue
            if refusal is None:
                return response
            if response.status == 401:
                self._connect()
                if not renewed:
                    renewed = True
                    continue
            retry_after = _seconds(response.headers.get("Retry-After"))
            if response.status not in PASSING or not retrying.pause(
                refusal, retry_after
            ):
                raise refusal

    def _send(
        self,
        method: str,
        path: str,
        query: dict[str, Any] | None,
        body: Any,
        read_timeout_s: float,
        stream: bool,
    ) -> Any:
        headers = self._headers()
        if body is not None:
            headers["Content-Type"] = "application/json"
        return self._pool.request(
            method,
            f"{self._configuration.host}{path}"
            + (f"?{urlencode(query)}" if query else ""),
            body=None if body is None else json.dumps(body),
            headers=headers,
            timeout=urllib3.Timeout(
                connect=min(CONNECT_TIMEOUT_S, self._settings.api.timeout_s),
                read=read_timeout_s or self._settings.api.timeout_s,
            ),
            retries=False,  # trying again is done here, where it can be counted
            preload_content=not stream,  # a body that breaks off is tried again too
        )

    def _json(self, action: str, method: str, path: str, **more: Any) -> Any:
        response = self._call(action, method, path, **more)
        try:
            return json.loads(response.data)
        except ValueError as error:
            raise WorkerFailed(
                failures.BACKEND_UNREACHABLE,
                f"{action}: the answer isn't the Kubernetes API's: "
                f"{response.data[:200].decode(errors='replace')!r}",
            ) from error

    def _jobs(self, name: str = "") -> str:
        path = f"/apis/batch/v1/namespaces/{self._namespace}/jobs"
        return f"{path}/{name}" if name else path

    def _core(self, resource: str) -> str:
        return f"/api/v1/namespaces/{self._namespace}/{resource}"

    def create_job(self, body: dict[str, Any]) -> dict[str, Any]:
        """Create a Job; an equal name that is already there is the caller's matter.

        :raises KubeError: refused
        """
        job: dict[str, Any] = self._json("create jobs", "POST", self._jobs(), body=body)
        return job

    def get_job(self, name: str) -> dict[str, Any]:
        """Read a Job.

        :raises KubeError: with status 404 where there is none
        """
        job: dict[str, Any] = self._json("get jobs", "GET", self._jobs(name))
        return job

    def list_jobs(self, label_selector: str) -> list[dict[str, Any]]:
        """List Jobs by label."""
        query = {"labelSelector": label_selector}
        found = self._json(
            "list jobs",
            "GET",
            self._jobs(),
            query=query,
            again=False,  # the next look comes soon enough
        )
        return list(found["items"])

    def delete_job(self, name: str, uid: str) -> None:
        """Delete the Job with this UID and its pods; one that is gone is no error."""
        body: dict[str, Any] = {
            "apiVersion": "v1",
            "kind": "DeleteOptions",
            "propagationPolicy": "Background",
        }
        if uid:
            body["preconditions"] = {"uid": uid}
        try:
            self._json("delete jobs", "DELETE", self._jobs(name), body=body)
        except KubeError as error:
            if error.status not in (404, 409):  # 409: another Job has the name now
                raise

    def create_secret(self, body: dict[str, Any]) -> None:
        """Create a Secret; one that an earlier try made is no error."""
        try:
            self._json("create secrets", "POST", self._core("secrets"), body=body)
        except KubeError as error:
            if error.status != 409:
                raise

    def list_pods(self, label_selector: str) -> tuple[list[dict[str, Any]], str]:
        """Pods by label, and the resourceVersion to watch from."""
        query = {"labelSelector": label_selector}
        found = self._json("list pods", "GET", self._core("pods"), query=query)
        return list(found["items"]), str(found["metadata"]["resourceVersion"])

    def warnings(self, uid: str) -> list[str]:
        """What the cluster's events say of the object with this UID, newest last.

        :raises KubeError: the right to list events isn't granted, for example
        """
        query = {"fieldSelector": f"involvedObject.uid={uid},type=Warning"}
        found = self._json(
            "list events",
            "GET",
            self._core("events"),
            query=query,
            again=False,  # they only explain, and are asked for again
        )
        return [str(event.get("message", "")) for event in found["items"]]

    def open_log(
        self,
        pod: str,
        container: str,
        *,
        follow: bool = False,
        read_timeout_s: float = 0,
    ) -> "LogStream":
        """The log of a container so far or, followed, to its end.

        :param read_timeout_s: the longest silence, in place of the settings' own
        :raises KubeError: refused, or not there yet (400) or any more (404)
        """
        query = {"container": container, **({"follow": "true"} if follow else {})}
        path = self._core(f"pods/{pod}/log")
        response = self._call(
            "get pods/log",
            "GET",
            path,
            query=query,
            read_timeout_s=read_timeout_s,
            stream=True,
        )
        return LogStream(response)

    def watch_pods(self, label_selector: str, resource_version: str) -> "EventStream":
        """Open one watch, which the server ends after the seconds of the setting.

        A connection that is dead in silence is noticed a little after that.

        :param resource_version: where to begin; "" for the present state
        :raises KubeError: refused
        """
        query: dict[str, Any] = {
            "labelSelector": label_selector,
            "watch": "true",
            "allowWatchBookmarks": "true",
            "timeoutSeconds": self._settings.api.watch_s,
        }
        if resource_version:
            query["resourceVersion"] = resource_version
        response = self._call(
            "watch pods",
            "GET",
            self._core("pods"),
            query=query,
            read_timeout_s=self._settings.api.watch_s + WATCH_SLACK_S,
            stream=True,
        )
        return EventStream(response)


class LogStream:
    """A log that is being read: an iterator of its bytes."""

    def __init__(self, response: Any) -> None:
        self._response = response

    def __iter__(self) -> Iterator[bytes]:
        try:
            yield from self._response.stream(65536)
        finally:
            self._response.release_conn()


class EventStream:
    """A watch that is open: an iterator of its events, until it ends or is closed."""

    def __init__(self, response: Any) -> None:
        self._response = response

    def __iter__(self) -> Iterator[dict[str, Any]]:
        """The events.

        :raises WatchError: an event of type ERROR, most often for a version too old
        """
        try:
            for line in _lines(self._response.stream(65536)):
                event = json.loads(line)
                if event["type"] == "ERROR":
                    raise WatchError(json.dumps(event["object"]))
                yield event
        finally:
            self._response.close()

    def close(self) -> None:
        """End it, also from another thread."""
        shutdown = getattr(self._response, "shutdown", None)  # urllib3 2.3 and newer
        if shutdown is not None:
            with contextlib.suppress(OSError, ValueError, urllib3.exceptions.HTTPError):
                shutdown()


def _lines(chunks: Iterator[bytes]) -> Iterator[bytes]:
    rest = b""
    for chunk in chunks:
        *lines, rest = (rest + chunk).split(b"\n")
        yield from (line for line in lines if line)


def _seconds(value: str | None) -> float:
    """``Retry-After`` in seconds; 0 for a date, and never so long that a job hangs."""
    try:
        return min(max(0.0, float(value or 0)), LONGEST_RETRY_AFTER_S)
    except ValueError:
        return 0.0
