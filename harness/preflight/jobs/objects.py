"""The objects of the real jobs: the wrapper's own manifest with another program.

Volumes, limits, account, security context, node selection and environment are the
worker's; only names, labels and the program differ.
"""

import copy
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ... import resources
from ..given import Given

RUN_LABEL = "qfc-harness.run"
PROGRAM = "/qfc-validation"
LOG_BYTES = 12 * 1024**2
"""More than the 10 MiB after which a kubelet begins a new file by default."""
ROTATES_S = 12.0
"""A kubelet looks every 10 s whether a file of log has grown too large."""
DEADLINE_S = 8
"""Of the worker that is to be ended for taking too long."""
Object = dict[str, Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class Trial:
    """One real job."""

    name: str
    purpose: str
    arguments: tuple[str, ...]
    deadline_s: int
    """The longest that its pod may run."""
    whole_claim: bool = False
    """It mounts the claim's root, to clean up."""
    follow: bool = False
    """Its log is read while it runs, as wrappers do."""


def trials(given: Given) -> tuple[Trial, ...]:
    """The real jobs, in this order."""
    run = given.run_id
    return (
        Trial(
            name="look",
            purpose="image, mounts, limits, DNS, TCP, TLS and HTTP to QFieldCloud",
            arguments=("look", run),
            deadline_s=120,
        ),
        Trial(
            name="log",
            purpose="reads what the first wrote to /io; writes more than a log file",
            arguments=("log", run, str(LOG_BYTES), str(ROTATES_S)),
            deadline_s=120,
            follow=True,
        ),
        Trial(
            name="memory",
            purpose="takes more memory than its limit, to be killed with 137",
            arguments=("memory",),
            deadline_s=120,
        ),
        Trial(
            name="sleep",
            purpose=f"takes longer than its {DEADLINE_S} s, to be ended",
            arguments=("sleep",),
            deadline_s=DEADLINE_S,
        ),
        Trial(
            name="clean",
            purpose="removes the directory that the others had as /io",
            arguments=("clean", directory(given)),
            deadline_s=60,
            whole_claim=True,
        ),
    )


def directory(given: Given) -> str:
    """What the workers have as ``/io``, on the shared claim."""
    mounts = _container(given.rendered.job)["volumeMounts"]
    return next(
        (str(one["subPath"]) for one in mounts if one["mountPath"] == "/io"), ""
    )


def _container(job: Mapping[str, Any]) -> Mapping[str, Any]:
    found: Mapping[str, Any] = job["spec"]["template"]["spec"]["containers"][0]
    return found


def base_name(given: Given) -> str:
    """What every name begins with."""
    return f"qfc-validate-{given.run_id}"


def job_name(given: Given, trial: Trial) -> str:
    """The Job's, and its Secret's."""
    return f"{base_name(given)}-{trial.name}"


def labels(given: Given, own: Mapping[str, str]) -> dict[str, str]:
    """A worker's labels, so that policies hold; but no wrapper's sweep finds them."""
    return {
        **own,
        "app": f"{base_name(given)}_worker",
        RUN_LABEL: given.run_id,
    }


def config_map(given: Given) -> Object:
    """The program."""
    program = resources.fixture("preflight") / "program.py"
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": base_name(given), "labels": {RUN_LABEL: given.run_id}},
        "data": {"program.py": program.read_text(encoding="utf-8")},
    }


def job(given: Given, trial: Trial) -> Object:
    """One trial's Job."""
    found = copy.deepcopy(dict(given.rendered.job))
    name = job_name(given, trial)
    metadata = found["metadata"]
    metadata["name"] = name
    metadata["labels"] = labels(given, metadata.get("labels") or {})
    spec = found["spec"]
    spec["activeDeadlineSeconds"] = trial.deadline_s + 600
    template = spec["template"]
    template["metadata"]["labels"] = labels(
        given, template["metadata"].get("labels") or {}
    )
    pod = template["spec"]
    pod["activeDeadlineSeconds"] = trial.deadline_s
    if trial.name != "sleep":  # the deadline counts from when the kubelet took the pod
        pod["activeDeadlineSeconds"] = trial.deadline_s + _start_s(given)
    container = pod["containers"][0]
    container["command"] = ["python3", "-B", f"{PROGRAM}/program.py"]
    container["args"] = list(trial.arguments)
    container["env"] = [
        *(container.get("env") or ()),
        {"name": "QFC_GRIDS", "value": str(int(_has_grids(container)))},
    ]
    for source in container.get("envFrom") or ():
        source["secretRef"]["name"] = name
    volume = {"name": "qfc-validation", "configMap": {"name": base_name(given)}}
    pod["volumes"] = [*(pod.get("volumes") or ()), volume]
    mounts = [*container["volumeMounts"]]
    if trial.whole_claim:
        io = next(one for one in mounts if one["mountPath"] == "/io")
        mounts = [{"name": io["name"], "mountPath": "/qfc-claim"}]
    mount = {"name": "qfc-validation", "mountPath": PROGRAM, "readOnly": True}
    container["volumeMounts"] = [*mounts, mount]
    return found


def delete_options(uid: str) -> Object:
    """With what is made deleted: that object alone, and what it owns after it."""
    return {
        "apiVersion": "v1",
        "kind": "DeleteOptions",
        "propagationPolicy": "Background",
        "preconditions": {"uid": uid},
    }


def _start_s(given: Given) -> int:
    return int(given.rendered.kubernetes.get("start_timeout_s") or 300)


def _has_grids(container: Mapping[str, Any]) -> bool:
    return any(
        one["mountPath"] == "/transformation_grids" for one in container["volumeMounts"]
    )


def secret(given: Given, trial: Trial, owner_uid: str) -> Object | None:
    """The worker's Secret, with a value that is none; owned by the Job."""
    if given.rendered.secret is None:
        return None
    found = copy.deepcopy(dict(given.rendered.secret))
    name = job_name(given, trial)
    metadata = found["metadata"]
    metadata["name"] = name
    metadata["labels"] = labels(given, metadata.get("labels") or {})
    for owner in metadata["ownerReferences"]:
        owner |= {"name": name, "uid": owner_uid}
    return found
