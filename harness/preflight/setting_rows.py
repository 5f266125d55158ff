"""The settings as they are understood: by Docker, and by the Kubernetes backend."""

import re
from fractions import Fraction

from ..environment.quantity import number, shares, whole_bytes
from .given import Given
from .model import SettingRow, Status
from .values import is_secret

_DOCKER = re.compile(r"(\d+(?:\.\d+)?)([bkmg]?)b?", re.IGNORECASE)
_FACTOR = {"": 1, "b": 1, "k": 1024, "m": 1024**2, "g": 1024**3}
MEMORY, CPU = "WORKER_QGIS_MEMORY_LIMIT", "WORKER_QGIS_CPU_SHARES"
_SAME = (
    "QFIELDCLOUD_QGIS_IMAGE_NAME",
    "QFIELDCLOUD_WORKER_QFIELDCLOUD_URL",
    "ENVIRONMENT",
    "WORKER_TIMEOUT_S",
)
_ONLY_DOCKER = (
    "QFIELDCLOUD_DEFAULT_NETWORK",
    "QFIELDCLOUD_TRANSFORMATION_GRIDS_VOLUME_NAME",
)


def docker_bytes(text: str) -> int | None:
    """A memory limit as docker-py reads it; None where it refuses it.

    >>> docker_bytes("1000m"), docker_bytes("1Gi")
    (1048576000, None)
    """
    match = _DOCKER.fullmatch(text.strip())
    if match is None:
        return None
    return int(Fraction(match[1]) * _FACTOR[match[2].lower()])


def rows(given: Given) -> tuple[SettingRow, ...]:
    """A row for each setting that matters to a worker, and each that was given."""
    rendered, values = given.rendered, dict(given.values or {})
    if not rendered.job:
        return ()
    container = rendered.job["spec"]["template"]["spec"]["containers"][0]
    resources = container["resources"]
    found = [
        _memory(values.get(MEMORY, "1000m"), resources["limits"]["memory"], rendered),
        _cpu(values.get(CPU, "512"), str(resources["requests"]["cpu"]), rendered),
    ]
    for name in _SAME:
        value = values.get(name, "")
        if value:
            read = _mistake(rendered, name) or value
            found.append(
                SettingRow(
                    name=name,
                    value=value,
                    docker=value,
                    kubernetes=read,
                    status=Status.PASS if read == value else Status.FAIL,
                )
            )
    for name in sorted(values):
        if name in (MEMORY, CPU, *_SAME):
            continue
        ours = name.startswith("QFIELDCLOUD_K8S_")
        if not ours and name not in (*_ONLY_DOCKER, *rendered.known):
            continue
        wrong = _mistake(rendered, name)
        found.append(
            SettingRow(
                name=name,
                value="«masked»" if is_secret(name) else values[name],
                docker="" if ours else values[name],
                kubernetes=wrong or ("" if name in _ONLY_DOCKER else values[name]),
                note="only for Kubernetes" if ours else "",
                status=Status.FAIL if wrong else Status.PASS,
                secret=is_secret(name),
            )
        )
    return tuple(found)


def _mistake(rendered: object, name: str) -> str:
    mistakes = getattr(rendered, "mistakes", {})
    return f"refused: {mistakes[name]}" if name in mistakes else ""


def _memory(value: str, limit: str, rendered: object) -> SettingRow:
    docker = docker_bytes(value)
    wrong = _mistake(rendered, MEMORY)
    there = whole_bytes(limit)
    same = docker == there and not wrong
    try:
        raw = f"as a bare quantity {value} would be {_bytes(whole_bytes(value))}"
    except ValueError:
        raw = f"{value} is no quantity of Kubernetes'"
    mebi = max(6, round((docker or there) / 1024**2))
    return SettingRow(
        name=MEMORY,
        value=value,
        docker="refused" if docker is None else _bytes(docker),
        kubernetes=wrong or f"{limit} = {_bytes(there)}",
        note=raw,
        write="" if same else f"{MEMORY}={_as_docker(value, mebi)}",
        status=Status.PASS if same else Status.FAIL,
    )


def _as_docker(value: str, mebi: int) -> str:
    """What to write so that both mean what was likely meant."""
    try:
        meant = whole_bytes(value) if value.endswith("i") else mebi * 1024**2
    except ValueError:
        meant = mebi * 1024**2
    return f"{meant // 1024**2}m"


def _cpu(value: str, request: str, rendered: object) -> SettingRow:
    wrong = _mistake(rendered, CPU)
    there = shares(request)
    same = not wrong and value.isdecimal() and abs(int(value) - there) <= 1
    milli = int(number(request) * 1000)
    return SettingRow(
        name=CPU,
        value=value,
        docker=f"weight {value}" if value.isdecimal() else "refused",
        kubernetes=wrong or f"requests {milli}m = weight {there}",
        note="a weight, no cap",
        write="" if same else f"{CPU}=512",
        status=Status.PASS if same else Status.FAIL,
    )


def _bytes(size: int) -> str:
    """``1000 MiB``; small ones in bytes."""
    if size < 1024**2:
        return f"{size} byte{'s' if size != 1 else ''}"
    return f"{float(Fraction(size, 1024**2)):g} MiB"
