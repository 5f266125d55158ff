"""The simulator as a process of a run, and its control API."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

from ..errors import EnvironmentMissing, HarnessFailure
from ..settings import Settings
from .kube_api import KubeAccess, KubeApi, KubeRefused


class Simulator:
    """``python -m harness.simulator``, until it is closed."""

    def __init__(self, settings: Settings, directory: Path) -> None:
        self._log = directory / "simulator.log"
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                [
                    sys.executable,
                    "-m",
                    "harness.simulator",
                    f"--dir={directory / 'simulator'}",
                    f"--pace={settings.pace}",
                    f"--seed={settings.seed}",
                ],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                start_new_session=True,
                cwd="/",
                env={"PATH": settings.path, "PYTHONPATH": os.pathsep.join(sys.path)},
            )
        self._ready: dict[str, Any] | None = None

    def ready(self) -> dict[str, Any]:
        """Wait for it; what it says of itself.

        :raises EnvironmentMissing: it doesn't start
        """
        if self._ready is None:
            assert self._process.stdout is not None
            line = self._process.stdout.readline()
            if not line:
                words = self._log.read_text(errors="replace").strip().splitlines()[-5:]
                raise EnvironmentMissing(
                    "The simulator doesn't start:\n    " + "\n    ".join(words)
                )
            self._ready = json.loads(line)
        return self._ready

    @property
    def docker_socket(self) -> Path:
        """Where the Docker Engine API is served."""
        return Path(self.ready()["docker"]["socket"])

    @property
    def namespaces(self) -> tuple[bool, str]:
        """Whether workers get namespaces and, if not, why."""
        isolation = self.ready()["isolation"]
        return isolation["kind"] == "namespaces", str(isolation.get("reason") or "")

    def kube_api(self) -> KubeApi:
        """The Kubernetes API, with the administrator's rights."""
        found = self.ready()["kubernetes"]
        return KubeApi(
            KubeAccess(
                url=found["url"], ca_file=found["ca_file"], token=found["admin_token"]
            )
        )

    def control(self, method: str, path: str, body: Any = None) -> dict[str, Any]:
        """One call of the control API.

        :raises HarnessFailure: refused
        """
        try:
            return self.kube_api().call(method, f"/_simulator/{path}", body)
        except KubeRefused as error:
            raise HarnessFailure(
                f"The simulator refuses {method} {path}: {error}"
            ) from error

    def register_image(self, name: str, description: Mapping[str, Any]) -> None:
        """Make an image known under a name."""
        self.control("PUT", f"images/{quote(name)}", dict(description))

    def close(self) -> None:
        """End it, with every worker."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.send_signal(signal.SIGKILL)
            self._process.wait()
        if self._process.stdout is not None:
            self._process.stdout.close()
