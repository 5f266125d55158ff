"""What sample reports are given: cells and findings, with the words of the checks."""

import dataclasses

import harness.expectations.judge  # noqa: F401 (registers the checks)
from harness.expectations.finding import CHECKS, Finding, Verdict, worst
from harness.report.model import CellReport, Moment, Right

SIMULATED, KIND = "simulated", "kind_cluster"
TITLES = {
    "package-trees": "A project of GeoPackage points is packaged for the field.",
    "delta-apply-conflict": "A conflicting delta ends as conflict, the other applied.",
    "process-projectfile-trees": "Details and thumbnail of a project are stored.",
    "create-project-xlsform": "A project is made from a form.",
    "worker-given": "Arguments, environment, mounts and limits reach the worker.",
    "memory-limit": "A worker that takes too much memory is killed, and told so.",
    "exit-code-3": "A worker's exit code reaches the row.",
    "secrets-pgservice": "A project's secrets reach the worker and nothing else.",
}


def finding(check: str, verdict: Verdict = Verdict.PASS, **more: str) -> Finding:
    """A finding with the words of the real check."""
    found = CHECKS.get(check)
    about = {
        "title": found.title if found else "The cell can be run.",
        "why": found.why if found else "",
        "fix": found.fix if found else "",
        "proof": SIMULATED,
        "expected": "as set",
        "actual": "as set",
        "where": "the row",
    }
    return Finding(check=check, verdict=verdict, **{**about, **more})


def denied(proof: str = SIMULATED) -> Finding:
    """What a Role without ``pods/log`` leads to."""
    rule = 'apiGroups: [""], resources: ["pods/log"], verbs: ["get"]'
    return finding(
        "rbac.denied",
        Verdict.FAIL,
        expected="get pods/log is allowed",
        actual='403: pods "qfc-4f2a-x7" is forbidden: User '
        '"system:serviceaccount:qfc-4f2a:qfieldcloud-worker" cannot get resource '
        '"pods/log" in API group "" in the namespace "qfc-4f2a"',
        message=f"The Role lacks the rule {rule}.",
        where="the tap's journal",
        fix=f"Add to the Role of the wrapper's ServiceAccount: - {rule}",
        proof=proof,
    )


def log_lost() -> Finding:
    """A long text against another: the difference is worth reading."""
    lines = [f"2026-05-03 12:00:{n:02d} step {n}: layer_{n} read" for n in range(40)]
    lost = [*lines[:17], lines[17].replace("read", "skipped"), *lines[18:31]]
    return finding(
        "output.whole",
        Verdict.FAIL,
        expected="\n".join(lines),
        actual="\n".join(lost),
        message="9 of 40 lines are missing in the row's output.",
        where="core_job.output",
    )


def timeline(backend: str, *, refused: bool) -> tuple[Moment, ...]:
    """The moments of a job of a second."""
    pod = "Pod" if backend == "kubernetes" else "container"
    create = (
        "POST /apis/batch/v1/namespaces/qfc-4f2a/jobs"
        if backend == "kubernetes"
        else "POST /v1.43/containers/create?name=qfc-4f2a"
    )
    log = "GET /api/v1/namespaces/qfc-4f2a/pods/qfc-4f2a-x7/log"
    row = [
        (-0.041, "row", "→ pending", "created_at, status", 0.0),
        (0.032, "event", "wait until the worker runs", "", 0.0),
        (0.084, "row", "pending → queued", "status", 0.0),
        (0.110, "row", "queued → started", "status, started_at", 0.0),
        (0.151, "api", create, "201", 0.021),
        (0.160, "api", "GET /watch pods", "200", 1.310),
        (0.320, "worker", f"{pod} Pending", "ContainerCreating", 0.0),
        (0.468, "worker", f"{pod} Running", "", 0.0),
        (0.610, "row", "update", "docker_started_at", 0.0),
        (1.301, "worker", f"{pod} Succeeded", "exit code 0", 0.0),
        (1.350, "api", log, "403 pods is forbidden" if refused else "200", 0.018),
        (1.412, "row", "started → finished", "status, output, feedback", 0.0),
        (
            1.431,
            "api",
            "DELETE /apis/batch/v1/namespaces/qfc-4f2a/jobs/qfc",
            "200",
            0.009,
        ),
        (1.502, "wrapper", "returned", "", 0.0),
    ]
    return tuple(
        Moment(at_s=at, lane=lane, what=what, detail=detail, seconds=took)
        for at, lane, what, detail, took in row
    )


def rights(*, refused: bool) -> tuple[Right, ...]:
    """What a wrapper uses of its Role."""
    rows = [
        ("create", "batch", "jobs", 1, True),
        ("delete", "batch", "jobs", 1, True),
        ("get", "batch", "jobs", 0, True),
        ("list", "", "pods", 1, True),
        ("watch", "", "pods", 1, True),
        ("get", "", "pods/log", 1, not refused),
        ("create", "", "secrets", 1, True),
    ]
    return tuple(
        Right(
            verb=verb,
            group=group,
            resource=resource,
            used=used if granted else 0,
            refused=0 if granted else 1,
            granted=granted,
        )
        for verb, group, resource, used, granted in rows
    )


def cell(
    scenario: str,
    backend: str,
    environment: str = SIMULATED,
    *findings: Finding,
    log_lines: int = 12,
) -> CellReport:
    """A cell where all checks are passed but the findings that are given."""
    proof = SIMULATED if environment == SIMULATED else "real"
    known = {one.check for one in findings}
    found = (
        *findings,
        *(finding(check, proof=proof) for check in CHECKS if check not in known),
    )
    refused = any(one.check == "rbac.denied" for one in findings)
    log = "\n".join(
        f"2026-05-03 12:00:{n % 60:02d} INFO step {n}: layer trees read, 3 features"
        for n in range(log_lines)
    )
    status = (
        "failed" if worst(one.verdict for one in found) is Verdict.FAIL else "finished"
    )
    return CellReport(
        id=f"{scenario}-{backend}-{environment}",
        scenario=scenario,
        description=TITLES.get(scenario, "One of many."),
        tags=("smoke", scenario.split("-")[0]),
        backend=backend,
        environment=environment,
        proof=proof,
        subject="worker_wrapper",
        verdict=worst(one.verdict for one in found),
        duration_s=1.742 if backend == "docker" else 2.318,
        findings=found,
        repeat=f"qfc-harness run scenarios/smoke/{scenario}.yaml --backend {backend} "
        f"--environment {environment}",
        facts={
            "job.status": status,
            "feedback.container_exit_code": "0",
            "deltas": "{'applied': 1, 'conflict': 1}",
            "worker.memory_limit": "1048576000",
            "worker.cpu_weight": "512" if backend == "docker" else "500m",
            "worker.mounts": "/io rw, /transformation_grids ro",
            "API calls": "6" if backend == "docker" else "7",
        },
        timeline=timeline(backend, refused=refused),
        rights=rights(refused=refused) if backend == "kubernetes" else (),
        logs={
            "worker qfc-4f2a-x7": log,
            "wrapper, process 1 (run)": "INFO starting job\nINFO job finished",
            "output in the row": log,
        },
        row={
            "id": "4f2a7c1e-8d0b-4c6e-9a55-0c1d2e3f4a5b",
            "type": scenario.split("-")[0],
            "status": status,
            "feedback": {"container_exit_code": 0, "steps": [{"id": "start"}] * 4},
        },
    )


def skipped(scenario: str, backend: str, environment: str, why: str) -> CellReport:
    """A cell that was not run."""
    one = finding("harness.cell", Verdict.SKIPPED, message=why, expected="", actual="")
    return dataclasses.replace(
        cell(scenario, backend, environment),
        proof="",
        verdict=Verdict.SKIPPED,
        duration_s=0.0,
        findings=(dataclasses.replace(one, where="", proof=""),),
        skipped=why,
        facts={},
        timeline=(),
        rights=(),
        logs={},
        row={},
    )
