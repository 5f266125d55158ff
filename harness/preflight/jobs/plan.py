"""What the real jobs would do, before anything is touched; its hash is the consent."""

import hashlib
import json
from dataclasses import replace

from .. import pod_needs
from ..given import Given
from ..model import Plan, PlannedObject
from ..pod_needs import shown
from . import objects
from .objects import RUN_LABEL

RUN = "<run>"


def plan(given: Given) -> Plan:
    """The plan; the same for two runs that would do the same."""
    same = replace(given, run_id=RUN)
    trials = objects.trials(same)
    space = f"/namespaces/{given.namespace}"
    made = [
        PlannedObject(
            kind="ConfigMap", name=objects.base_name(same), purpose="the program"
        )
    ]
    core, batch = f"/api/v1{space}", f"/apis/batch/v1{space}"
    calls = [f"POST {core}/configmaps"]
    for trial in trials:
        name = objects.job_name(same, trial)
        made.append(PlannedObject(kind="Job", name=name, purpose=trial.purpose))
        made.append(
            PlannedObject(kind="Pod", name=f"{name}-…", purpose="made by its Job")
        )
        calls.append(f"POST {batch}/jobs ({name})")
        if given.rendered.secret is not None:
            made.append(
                PlannedObject(kind="Secret", name=name, purpose="its environment")
            )
            calls.append(f"POST {core}/secrets ({name})")
        calls += [
            f"GET {core}/pods, {core}/events, its pod's log, until it ends",
            f"DELETE {batch}/jobs/{name}",
        ]
    calls.append(f"DELETE {core}/configmaps/{objects.base_name(same)}")
    pod = given.rendered.pod
    limits = pod_needs.summed(pod, "limits")
    requests = pod_needs.summed(pod, "requests")
    seconds = sum(trial.deadline_s for trial in trials)
    seconds += len(trials) * waits_s(given)
    found = Plan(
        calls=tuple(calls),
        objects=tuple(made),
        images=(str(pod["spec"]["containers"][0]["image"]),),
        cpu=f"{shown(requests['cpu'])} requested" if "cpu" in requests else "",
        memory=f"{shown(limits['memory'])} at the most" if "memory" in limits else "",
        storage=f"{objects.LOG_BYTES // 1024**2} MiB of a node's logs; "
        f"a directory {objects.directory(same)} on the shared claim",
        minutes=round(seconds / 60, 1),
        clean_up=f"kubectl delete jobs,secrets,configmaps -n {given.namespace} "
        f"-l {RUN_LABEL}={RUN}",
    )
    return replace(found, hash=_hash(given, found))


def waits_s(given: Given) -> int:
    """The longest that a worker is waited for before it runs."""
    settings = given.rendered.kubernetes
    return int(settings.get("schedule_timeout_s") or 300) + int(
        settings.get("start_timeout_s") or 300
    )


def _hash(given: Given, found: Plan) -> str:
    same = replace(given, run_id=RUN)
    manifests = [objects.job(same, trial) for trial in objects.trials(same)]
    job_id = given.rendered.job["metadata"]["labels"].get("job_id", "")
    described = json.dumps(
        [
            found.calls,
            [[one.kind, one.name] for one in found.objects],
            found.images,
            manifests,
        ],
        sort_keys=True,
    )
    if job_id:  # a new one for each run
        described = described.replace(job_id, RUN)
    return hashlib.sha256(described.encode()).hexdigest()[:16]
