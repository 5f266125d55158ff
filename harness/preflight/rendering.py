"""The worker's own objects, rendered by the wrapper in a process of its own."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ..subject.locate import Subject

TIMEOUT_S = 60
PLACEHOLDER = "registry.invalid/qfieldcloud-qgis:validation"
"""Where the settings name no image."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Rendered:
    """What the wrapper makes of the settings."""

    error: str = ""
    """Why there is nothing of it."""
    mistakes: Mapping[str, str] = field(default_factory=dict)
    """By the setting's name."""
    known: tuple[str, ...] = ()
    """The settings that the wrapper asks for."""
    settings: Mapping[str, Any] = field(default_factory=dict)
    limits: Mapping[str, int] = field(default_factory=dict)
    job: Mapping[str, Any] = field(default_factory=dict)
    secret: Mapping[str, Any] | None = None
    selector: str = ""

    @property
    def kubernetes(self) -> Mapping[str, Any]:
        """The settings of the Kubernetes backend."""
        found: Mapping[str, Any] = self.settings.get("kubernetes") or {}
        return found

    @property
    def pod(self) -> Mapping[str, Any]:
        """The pod that the Job would make."""
        if not self.job:
            return {}
        template = self.job["spec"]["template"]
        return {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {
                "name": self.job["metadata"]["name"],
                **template["metadata"],
            },
            "spec": template["spec"],
        }


def render(
    subject: Subject,
    values: Mapping[str, str],
    *,
    job_id: str,
    owner_uid: str = "00000000-0000-0000-0000-000000000000",
) -> Rendered:
    """Ask the wrapper; what it can't tell is in ``error``."""
    package = subject.modules[0].rpartition(".")[0] if subject.modules else ""
    request = {
        "root": str(subject.root),
        "package": package,
        "values": dict(values),
        "job_id": job_id,
        "project_id": job_id,
        "owner_uid": owner_uid,
        "image": PLACEHOLDER,
    }
    try:
        done = subprocess.run(
            [sys.executable, "-m", f"{__package__}.rendering_child"],
            input=json.dumps(request),
            capture_output=True,
            text=True,
            timeout=TIMEOUT_S,
            check=False,
            env={"PATH": os.defpath, "PYTHONPATH": os.pathsep.join(sys.path)},
            cwd="/",
        )
        told = json.loads(done.stdout)
    except (subprocess.TimeoutExpired, ValueError) as error:
        return Rendered(error=f"it could not be asked: {error}")
    if "error" in told:
        return Rendered(error=str(told["error"]))
    return Rendered(**{**told, "known": tuple(told["known"])})
