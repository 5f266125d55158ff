"""What the wrapper asked its backend for, before anything ran."""

import base64
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from ..environment.seen import WorkerSeen
from ..replay import events
from ..replay.observation import Observation
from .finding import Result, check, equal

_DOCKER_MEMORY = re.compile(r"(\d+(?:\.\d+)?)([bkmg]?)b?", re.IGNORECASE)
_FACTOR = {"": 1, "b": 1, "k": 1024, "m": 1024**2, "g": 1024**3}
DEFAULT_MEMORY, DEFAULT_SHARES = "1000m", 512
INLINE = "QFIELDCLOUD_K8S_INLINE_ENV"


def expected_memory(seen: Observation) -> int | None:
    """The memory limit in bytes, by Docker's units; None for a value that has none."""
    config = seen.cell.scenario.given.config
    text = str(config.get("WORKER_QGIS_MEMORY_LIMIT", DEFAULT_MEMORY))
    match = _DOCKER_MEMORY.fullmatch(text)
    return int(float(match[1]) * _FACTOR[match[2].lower()]) if match else None


def expected_shares(seen: Observation) -> int:
    """The CPU weight in cgroup v1 shares."""
    config = seen.cell.scenario.given.config
    return int(config.get("WORKER_QGIS_CPU_SHARES", DEFAULT_SHARES))


@check(
    "worker.count",
    "The job has exactly one worker, which runs once.",
    why="A worker that runs twice applies deltas twice.",
    fix="Make one container or Job for a job; backoffLimit 0, restartPolicy Never.",
)
def count(seen: Observation) -> Iterator[Result]:
    """Containers, or Jobs and their pods, and how often each was started again."""
    if seen.subjects[0].phase not in ("run", "done"):
        return
    ran = sum(worker.pods + worker.restarts for worker in seen.workers)
    if seen.cell.scenario.expect.no_worker:
        started = [one.name for one in seen.workers if one.started_at is not None]
        yield Result(
            ok=not started,
            expected="none that ran",
            actual=", ".join(started) or "none",
            where="workers",
        )
        return
    # a pod that vanishes without having been counted is replaced, whatever was asked
    replaced = any(deed.what.startswith("forget_worker") for deed in seen.deeds)
    count = len(seen.workers)
    if _was_left(seen):
        # one that was made and never started may be made again
        count = max(1, sum(one.started_at is not None for one in seen.workers))
        ran = max(ran, len(seen.snapshot["probe"]))
    yield Result(
        ok=count == 1 and ran in ((1, 2) if replaced else (1,)),
        expected="1, run once" + (", and once more by the cluster" if replaced else ""),
        actual=f"{count}, run {ran} times",
        where="workers",
    )


def _was_left(seen: Observation) -> bool:
    """Whether the job's first wrapper was killed."""
    return any(deed.what == events.KILLED for deed in seen.deeds)


@check(
    "worker.labels",
    "The worker carries QFieldCloud's labels: app, type, job_id, project_id.",
    why="Sweeps, operators and other tools find a job's worker by them.",
    fix="Set them on the container, or on the Job and its pods; illegal characters "
    "have to be replaced on Kubernetes.",
)
def labels(seen: Observation) -> Iterator[Result]:
    """Exact on Docker; on Kubernetes the app's value may have been made legal."""
    for worker in seen.workers:
        wanted = {
            "type": seen.cell.scenario.job.type,
            "job_id": seen.arranged.job_id,
            "project_id": seen.arranged.project_id,
        }
        app = f"{seen.environ['ENVIRONMENT']}_worker"
        legal = re.fullmatch(r"[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?", app)
        if worker.backend == "docker" or legal:
            wanted["app"] = app
        for name, its in ((worker.name, worker.labels), *_labels_of_pods(worker)):
            given = {key: its.get(key) for key in wanted}
            yield equal(wanted, given, f"labels of {name}")
            if not its.get("app"):
                yield equal(app, None, f"label app of {name}")


def _labels_of_pods(worker: WorkerSeen) -> Iterator[tuple[str, Mapping[str, str]]]:
    """Of the pods of a Job; a pod without one is the worker itself."""
    for one in worker.objects if worker.backend == "kubernetes" else ():
        if "containers" not in one.get("spec", {}):
            continue
        meta = one["metadata"]
        if meta["name"] != worker.name:
            yield f"pod {meta['name']}", meta.get("labels") or {}


@check(
    "worker.entrypoint",
    "The image's ENTRYPOINT is kept: the wrapper passes arguments only.",
    why="The ENTRYPOINT starts the virtual display; without it QGIS doesn't start.",
    fix="On Kubernetes set args, not command; on Docker set command, not entrypoint.",
)
def entrypoint(seen: Observation) -> Iterator[Result]:
    """Neither replaced in the request nor missed by the worker."""
    for worker in seen.workers:
        replaced = worker.replaced_entrypoint
        yield Result(
            ok=replaced is None,
            expected="the image's own",
            actual="the image's own" if replaced is None else shown_list(replaced),
            where=f"worker {worker.name}",
        )
    if seen.probe is not None:
        kept = bool(seen.probe["entrypoint_kept"])
        yield equal(True, kept, "the probe: the ENTRYPOINT left its trace")


def shown_list(items: tuple[str, ...]) -> str:
    """Arguments as one line."""
    return " ".join(json.dumps(item, ensure_ascii=False) for item in items)


@check(
    "worker.memory-given",
    "The wrapper asks for a memory limit at all.",
    why="One project that needs too much takes the whole host or node down.",
    fix="Set mem_limit on Docker, resources.limits.memory on Kubernetes.",
)
def memory_given(seen: Observation) -> Iterator[Result]:
    """Some limit; whether it is the right one is another check's matter."""
    for worker in seen.workers:
        there = worker.memory_limit is not None
        yield Result(
            ok=there,
            expected="a limit",
            actual="a limit" if there else "none",
            where=f"memory limit of {worker.name}",
        )


@check(
    "worker.memory-request",
    "The memory limit that the wrapper asks for is the setting, in Docker's units.",
    why="1000m is 1000 MiB for Docker and one byte for Kubernetes: the worker is "
    "killed at once, or never.",
    fix="Convert WORKER_QGIS_MEMORY_LIMIT to bytes first: 1000m is 1000Mi, 1g is 1Gi.",
)
def memory(seen: Observation) -> Iterator[Result]:
    """In bytes."""
    wanted = expected_memory(seen)
    for worker in seen.workers:
        if worker.memory_limit is None:
            continue  # worker.memory-given says so
        where = f"memory limit of {worker.name}"
        yield equal(wanted, worker.memory_limit, where, message=_raw_memory(worker))


def _raw_memory(worker: WorkerSeen) -> str:
    for thing in worker.objects:
        for container in _containers(thing):
            limits = (container.get("resources") or {}).get("limits") or {}
            if "memory" in limits:
                return f"The object says memory: {limits['memory']!r}."
    return ""


def _containers(thing: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    spec = thing.get("spec") or {}
    pod = (spec.get("template") or {}).get("spec") or spec
    return list(pod.get("containers") or ())


@check(
    "worker.cpu-weight",
    "The CPU weight that the wrapper asks for is the setting.",
    why="With another weight, workers slow each other or QFieldCloud down.",
    fix="512 shares are cpu_shares=512 on Docker, requests.cpu=500m on Kubernetes.",
)
def cpu_weight(seen: Observation) -> Iterator[Result]:
    """In shares; the kubelet rounds."""
    wanted = expected_shares(seen)
    for worker in seen.workers:
        given = worker.cpu_weight
        yield Result(
            ok=given is not None and abs(given - wanted) <= 1,
            expected=f"{wanted} shares",
            actual=f"{given} shares",
            where=f"CPU weight of {worker.name}",
        )


@check(
    "worker.cpu-cap",
    "The CPU weight is not made a cap.",
    why="A worker alone on a node would run at half its speed, and hit its time-out.",
    fix="Set requests.cpu only; limits.cpu, NanoCpus or a quota are caps.",
)
def cpu_cap(seen: Observation) -> Iterator[Result]:
    """Neither limits.cpu nor a quota."""
    if "QFIELDCLOUD_K8S_CPU_LIMIT" in seen.environ:
        return
    for worker in seen.workers:
        cap = worker.cpu_cap
        yield Result(
            ok=cap is None,
            expected="no cap",
            actual="no cap" if cap is None else f"at most {cap} cores",
            where=f"CPU limit of {worker.name}",
        )


@check(
    "secrets.plain-sight",
    "No secret can be read where it need not be: arguments, labels, Jobs, logs.",
    why="Whoever may list Jobs or read a log would have the user's token.",
    fix="Give secrets in a Secret that the pod refers to (on Docker: only in the "
    "container's environment).",
)
def plain_sight(seen: Observation) -> Iterator[Result]:
    """Values of the project's secrets, and the worker's token."""
    values = _secret_values(seen)
    if not values:
        return
    places: dict[str, str] = {"output": str((seen.row or {}).get("output") or "")}
    for worker in seen.workers:
        places[f"arguments of {worker.name}"] = "\n".join(worker.args or ())
        places[f"labels of {worker.name}"] = json.dumps(dict(worker.labels))
        if worker.backend == "kubernetes" and not seen.environ.get(INLINE):
            places[f"objects of {worker.name}"] = json.dumps(
                [{**one, "data": None} for one in worker.objects],  # a Secret's place
                ensure_ascii=False,
            )
    for number, subject in enumerate(seen.subjects, start=1):
        places[f"log of wrapper {number}"] = subject.log
    places["events"] = json.dumps(seen.evidence.get("events", []))
    places["URLs of API calls"] = "\n".join(call.target for call in seen.calls)
    found = [
        (f"{name} in the {place}", place)
        for name, value in values.items()
        for place, text in places.items()
        if any(form in text for form in _forms(value))
    ]
    yield Result(
        ok=not found,
        expected="nowhere",
        actual="; ".join(words for words, _ in found) or "nowhere",
        where=", ".join(dict.fromkeys(place for _, place in found) or places),
    )


def _forms(value: str) -> tuple[str, ...]:
    """As it is, within JSON, and as a Secret's data has it."""
    coded = base64.b64encode(value.encode()).decode()
    return value, json.dumps(value)[1:-1], coded


def _secret_values(seen: Observation) -> dict[str, str]:
    """Texts of at least 8 characters: shorter ones occur by chance."""
    values = dict(seen.arranged.secrets)
    if seen.arranged.pgservices:
        values["PGSERVICE_FILE_CONTENTS"] = seen.arranged.pgservices
    token = _token(seen)
    if token:
        values["QFIELDCLOUD_TOKEN"] = token
    return {name: value for name, value in values.items() if len(value) >= 8}


def _token(seen: Observation) -> str:
    """The worker's token, as the worker or the container's environment shows it."""
    if seen.probe is not None:
        return str(seen.probe["env"].get("QFIELDCLOUD_TOKEN", ""))
    for worker in seen.workers:
        if "QFIELDCLOUD_TOKEN" in worker.env:
            return worker.env["QFIELDCLOUD_TOKEN"]
    return ""
