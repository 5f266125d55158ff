"""What a wrapper would make of the operator's settings, asked of its own functions.

Run as a program of its own, for the harness imports no wrapper: a JSON request on
stdin, a JSON answer on stdout. Needs no Django settings and no database.
"""

import importlib
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

DEFAULTS = {
    # constance's, as QFieldCloud ships them
    "WORKER_QGIS_MEMORY_LIMIT": "1000m",
    "WORKER_QGIS_CPU_SHARES": "512",
    "WORKER_TIMEOUT_S": "600",
}


class _Noting(dict[str, str]):
    """An environment that notes which variables are asked for."""

    def __init__(self, content: Mapping[str, str]) -> None:
        super().__init__(content)
        self.asked: set[str] = set()

    def get(self, key: str, default: Any = None) -> Any:
        self.asked.add(key)
        return super().get(key, default)


def answer(request: Mapping[str, Any]) -> dict[str, Any]:
    """Load the settings, and render the worker's objects from them."""
    sys.path.insert(0, request["root"])
    package = request["package"]
    parts = {
        name: importlib.import_module(f"{package}.{name}")
        for name in ("settings", "manifest", "run_spec", "units", "naming")
    }
    told: dict[str, Any] = {"mistakes": {}}
    values = _Noting({**request["values"]})
    error = parts["settings"].WorkerSettingsError
    try:
        settings = parts["settings"].load(SimpleNamespace(), values)
    except error as failure:
        told["mistakes"] = _mistakes(str(failure))
        kept = {k: v for k, v in values.items() if k not in told["mistakes"]}
        needed = {
            "QFIELDCLOUD_QGIS_IMAGE_NAME": request["image"],
            "QFIELDCLOUD_WORKER_QFIELDCLOUD_URL": "http://app:8000/api/v1/",
        }
        settings = parts["settings"].load(SimpleNamespace(), {**needed, **kept})
    told["known"] = sorted(values.asked)
    told["settings"] = _plain(settings)
    limits = {}
    for name, unit in (
        ("WORKER_QGIS_MEMORY_LIMIT", parts["units"].memory_bytes),
        ("WORKER_QGIS_CPU_SHARES", parts["units"].cpu_shares),
        ("WORKER_TIMEOUT_S", int),
    ):
        try:
            limits[name] = unit(values.get(name) or DEFAULTS[name])
        except (ValueError, TypeError) as failure:
            told["mistakes"][name] = str(failure)
            limits[name] = unit(DEFAULTS[name])
    told["limits"] = limits
    told |= _objects(parts, settings, limits, request)
    return told


def _mistakes(words: str) -> dict[str, str]:
    """What is wrong, by the setting's name: a line of ``NAME: text`` for each."""
    found = (line.strip(" -").partition(": ") for line in words.splitlines())
    return {name: text for name, _, text in found if name.isupper()}


def _objects(
    parts: Mapping[str, Any],
    settings: Any,
    limits: Mapping[str, int],
    request: Mapping[str, Any],
) -> dict[str, Any]:
    """The objects of one package job, as the wrapper would create them."""
    kubernetes = settings.kubernetes
    job_id = request["job_id"]
    url = settings.api_url
    spec = parts["run_spec"].RunSpec(
        job_id=job_id,
        project_id=request["project_id"],
        job_type="package",
        environment=settings.environment,
        image=settings.image or request["image"],
        args=(
            "python3",
            "entrypoint.py",
            "package",
            request["project_id"],
            "a",
            "qgis",
        ),
        env={
            "QFIELDCLOUD_URL": url,
            "QFIELDCLOUD_EXTRA_ENVVARS": "[]",
            "JOB_ID": job_id,
            "PROJ_DOWNLOAD_DIR": "/transformation_grids",
            "QT_QPA_PLATFORM": "offscreen",
        },
        secret_env={"QFIELDCLOUD_TOKEN": "validation", "PGSERVICE_FILE_CONTENTS": ""},
        io_directory=Path(kubernetes.io_mount_path) / "jobs" / job_id,
        memory_bytes=limits["WORKER_QGIS_MEMORY_LIMIT"],
        cpu_shares=limits["WORKER_QGIS_CPU_SHARES"],
        timeout_s=limits["WORKER_TIMEOUT_S"],
    )
    manifest, naming = parts["manifest"], parts["naming"]
    worker = parts["run_spec"].Worker(
        job_id=job_id,
        name=naming.worker_name(settings.environment, job_id),
        container_id=request["owner_uid"],
    )
    return {
        "job": manifest.job(spec, kubernetes),
        "secret": None
        if kubernetes.inline_env
        else manifest.secret(spec, kubernetes, worker),
        "selector": manifest.selector(settings.environment),
    }


def _plain(value: Any) -> Any:
    """A record as JSON has it."""
    fields = getattr(value, "__dataclass_fields__", None)
    if fields is not None:
        return {name: _plain(getattr(value, name)) for name in fields}
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if isinstance(value, (str, int, float)) or value is None:
        return value
    return str(value)


def main() -> int:
    """Answer one request."""
    request = json.load(sys.stdin)
    try:
        told = answer(request)
    except Exception as error:  # a stranger's wrapper: it may raise anything
        told = {"error": f"{type(error).__name__}: {error}"}
    sys.stdout.write(json.dumps(told))
    return 0


if __name__ == "__main__":
    sys.exit(main())
