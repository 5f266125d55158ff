"""The stand-in served for one cell, and its control API.

The control API is described in ``fixtures/qfieldcloud_app/qfieldcloud/control``.
"""

import json
import secrets
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import requests

from ..errors import HarnessFailure
from .forkserver import Child, ForkServer

READY_TIMEOUT_S = 20.0
CALL_TIMEOUT_S = 30.0


class ControlApi:
    """The control API of a served stand-in.

    :param url: without a path, ``http://127.0.0.1:4711``
    :param session: with the credentials that a way through a cluster needs
    """

    def __init__(
        self, url: str, token: str, session: requests.Session | None = None
    ) -> None:
        self.url = url
        self.token = token
        self._session = session or requests.Session()
        self._session.trust_env = False
        self._session.headers["X-Harness-Token"] = token

    def arrange(self, content: Mapping[str, Any]) -> dict[str, Any]:
        """Make user, project, secrets, jobs; answers their ids."""
        return self._call("POST", "arrange", content)

    def snapshot(self, job_id: str) -> dict[str, Any]:
        """All that the database holds about a job."""
        return self._call("GET", f"jobs/{job_id}")

    def content(self, job_id: str, sha256: str) -> bytes:
        """The bytes of a file that the job's snapshot tells of."""
        return self._request("GET", f"jobs/{job_id}/content/{sha256}").content

    def act(self, deed: str, **arguments: Any) -> dict[str, Any]:
        """Have something done to the rows."""
        return self._call("POST", "act", {"do": deed, **arguments})

    def wait_for_status(
        self, job_id: str, statuses: Iterable[str], timeout_s: float
    ) -> list[dict[str, Any]]:
        """The history of a row, when it has come to one of these statuses.

        After the time-out, or when the row is deleted, the history so far.
        """
        parameters = {"until": ",".join(statuses), "timeout_s": f"{timeout_s:.3f}"}
        answer = self._call(
            "GET",
            f"jobs/{job_id}/history",
            parameters=parameters,
            timeout_s=timeout_s + CALL_TIMEOUT_S,
        )
        history: list[dict[str, Any]] = answer["history"]
        return history

    def _call(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        parameters: Mapping[str, str] | None = None,
        timeout_s: float = CALL_TIMEOUT_S,
    ) -> dict[str, Any]:
        response = self._request(
            method, path, body, parameters=parameters, timeout_s=timeout_s
        )
        answer: dict[str, Any] = response.json()
        return answer

    def _request(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        parameters: Mapping[str, str] | None = None,
        timeout_s: float = CALL_TIMEOUT_S,
    ) -> requests.Response:
        try:
            response = self._session.request(
                method,
                f"{self.url}/_harness/{path}",
                json=body,
                params=parameters,
                timeout=timeout_s,
            )
        except requests.RequestException as error:
            raise HarnessFailure(
                f"The stand-in doesn't answer {method} {path}: {error}"
            ) from error
        if not response.ok:
            raise HarnessFailure(
                f"The stand-in refuses {method} {path}: {response.status_code} "
                f"{response.text[:500]}"
            )
        return response

    def close(self) -> None:
        """Close its connections."""
        self._session.close()


class Application:
    """A stand-in of its own, on a port of loopback.

    :param database: the variables that name its database
    :param host: an address of this machine, which workers can reach
    """

    def __init__(
        self,
        forks: ForkServer,
        directory: Path,
        database: Mapping[str, str],
        host: str = "127.0.0.1",
    ) -> None:
        token = secrets.token_urlsafe(24)
        self.environ = {
            **database,
            "QFC_APP_STORAGE_DIR": str(directory / "storage"),
            "SECRET_KEY": secrets.token_urlsafe(32),
        }
        self._log = directory / "app.log"
        self._ready = directory / "app.ready"
        self._child: Child = forks.spawn(
            "harness.standin.children:serve",
            {"ready": str(self._ready), "host": host},
            environ={**self.environ, "QFC_APP_CONTROL_TOKEN": token},
            log=self._log,
        )
        self.url = f"http://{host}:{self._port()}"
        self.control = ControlApi(self.url, token)

    @property
    def api_url(self) -> str:
        """``QFIELDCLOUD_URL`` for workers on this machine."""
        return f"{self.url}/api/v1/"

    def _port(self) -> int:
        deadline = time.monotonic() + READY_TIMEOUT_S
        while not self._ready.exists():
            if self._child.wait(0.002) is not None or time.monotonic() > deadline:
                words = self._log.read_text(errors="replace").strip().splitlines()[-5:]
                raise HarnessFailure(
                    "The stand-in doesn't start:\n    " + "\n    ".join(words)
                )
        return int(json.loads(self._ready.read_text())["port"])

    @property
    def log(self) -> str:
        """What the server wrote."""
        return self._log.read_text(errors="replace")

    def close(self) -> None:
        """End the server."""
        self.control.close()
        self._child.stop(grace_s=2.0)
