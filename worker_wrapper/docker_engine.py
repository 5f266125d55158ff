"""Calls of the Docker Engine, with time-outs, that are tried again where that helps."""

import time
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

import docker
import requests
import urllib3
from docker.errors import (
    APIError,
    DockerException,
    create_api_error_from_http_exception,
)

from . import failures, logs
from .api_settings import ApiSettings
from .failures import WorkerFailed
from .retrying import Retrying

T = TypeVar("T")

PASSING = frozenset({429, 500, 502, 503, 504})
LEAST_S = 1.0
"""Between two beginnings of a wait: something may break each one at once."""
HEAD = 8
"""Of a frame: one byte for the stream, three of zero, four for the length."""
BROKEN = (requests.RequestException, urllib3.exceptions.HTTPError, OSError)
"""What a connection that breaks raises; `APIError` is a `RequestException` too."""


class BrokenOff(OSError):
    """A log ended in the middle of a frame."""


def is_refusal(error: Exception) -> bool:
    """Whether the engine answered, and refused."""
    return isinstance(error, APIError) and error.response is not None


def explain(error: Exception) -> str:
    """The engine's own words, where it said any."""
    explanation = getattr(error, "explanation", None)
    if isinstance(explanation, bytes):
        return explanation.decode(errors="replace")
    return str(explanation or error)


class Engine:
    """The Docker Engine that ``DOCKER_HOST`` names, by default the local socket."""

    def __init__(self, settings: ApiSettings) -> None:
        self._settings = settings
        self._connected: docker.DockerClient | None = None

    def ask(
        self,
        action: str,
        call: Callable[[docker.DockerClient], T],
        *,
        passing: frozenset[int] = PASSING,
        again: bool = True,
    ) -> T:
        """What a call answers; it must be one that may be made twice.

        :param passing: refusals that pass by themselves
        :param again: try again at all
        :raises APIError: refused
        :raises WorkerFailed: can't be reached
        """
        retrying = Retrying(self._settings.patience_s if again else 0)
        while True:
            try:
                return call(self._client())
            except APIError as error:
                if is_refusal(error) and error.status_code not in passing:
                    raise
                words = f"{action}: {error.status_code} {explain(error)}"
                if not retrying.pause(words):
                    raise
            except BROKEN as error:
                problem = WorkerFailed(
                    failures.BACKEND_UNREACHABLE, f"{action}: {explain(error)}"
                )
                if not retrying.pause(problem):
                    raise problem from error

    def _client(self) -> docker.DockerClient:
        if self._connected is None:
            try:
                self._connected = docker.from_env(timeout=self._settings.timeout_s)
            except DockerException as error:  # it asks for the version first
                raise ConnectionError(str(error)) from error
        return self._connected

    def wait(self, container_id: str) -> int:
        """The exit code of a container, whatever happens to the connection meanwhile.

        docker-py raises ``ReadTimeout`` or ``ConnectionError`` for a wait that took too
        long, and for one that broke the same: the container itself is asked then.

        :raises APIError: refused; most of all `docker.errors.NotFound`
        :raises WorkerFailed: can't be reached
        """
        retrying = Retrying(self._settings.patience_s)
        while True:
            began = time.monotonic()
            try:
                answer = self._client().api.wait(
                    container_id, timeout=self._settings.watch_s
                )
                return int(answer["StatusCode"])
            except APIError as error:
                if error.status_code not in PASSING or not retrying.pause(error):
                    raise
            except (*BROKEN, KeyError, ValueError):
                pass  # the container is asked below
            state = self.inspect(container_id)["State"]
            if state["Status"] in ("exited", "dead"):
                return int(state["ExitCode"])
            time.sleep(max(0.0, LEAST_S - (time.monotonic() - began)))

    def inspect(self, container: str) -> dict[str, Any]:
        """All that the engine knows of a container.

        :raises APIError: refused; most of all `docker.errors.NotFound`
        :raises WorkerFailed: can't be reached
        """
        found: dict[str, Any] = self.ask(
            "get containers", lambda client: client.api.inspect_container(container)
        )
        return found

    def read_log(self, container_id: str, log: logs.BoundedLog) -> None:
        """The log so far; begun again where the connection broke.

        :raises APIError: refused
        :raises requests.RequestException: broke off again and again
        :raises BrokenOff: the same, in the middle of a frame
        :raises logs.Shorter: it was rotated meanwhile
        """
        retrying = Retrying(self._settings.patience_s)

        def goes_on(error: Exception) -> bool:
            if isinstance(error, APIError) and error.status_code not in PASSING:
                return False
            return isinstance(error, BROKEN) and retrying.pause(error)

        logs.copy(lambda: self._log(container_id), log, goes_on)

    def _log(self, container_id: str) -> Iterator[bytes]:
        # not docker-py's: it takes the time-out away, and the middle of a frame for
        # the end
        api = self._client().api
        response = api.get(
            f"{api.base_url}/v{api.api_version}/containers/{container_id}/logs",
            params={"stdout": "1", "stderr": "1", "follow": "0", "tail": "all"},
            stream=True,
            timeout=self._settings.timeout_s,
        )
        with response:
            try:
                response.raise_for_status()
            except requests.HTTPError as error:
                create_api_error_from_http_exception(error)
            yield from payloads(response.iter_content(65536))


def payloads(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """What the frames of a stream hold, in pieces no larger than they came.

    :raises BrokenOff: the last frame isn't whole
    """
    head, left = b"", 0
    for piece in pieces:
        at = 0
        while at < len(piece):
            if left:
                taken = piece[at : at + left]
                left -= len(taken)
                yield taken
            else:
                taken = piece[at : at + HEAD - len(head)]
                head += taken
                if len(head) == HEAD:
                    left, head = int.from_bytes(head[4:], "big"), b""
            at += len(taken)
    if head or left:
        raise BrokenOff("The log ended in the middle of a frame.")
