"""What sample validations are made of: the registry's own checks, with results."""

import dataclasses

from harness.preflight.model import (
    AdmissionChange,
    CallCount,
    Evidence,
    Fix,
    Kind,
    Made,
    Moment,
    Plan,
    PlannedObject,
    Proof,
    RealJob,
    Result,
    RightRow,
    RoleAdvice,
    Scope,
    SettingRow,
    Severity,
    Status,
    Validation,
)
from harness.preflight.registry import CHECKS
from harness.preflight.verdict import decide

ROLE = """\
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata:
  name: qfieldcloud-worker-wrapper
  namespace: qfieldcloud-prod
rules:
- apiGroups: [batch]
  resources: [jobs]
  verbs: [create, delete, get, list, watch]
- apiGroups: ['']
  resources: [pods, pods/log]
  verbs: [get, list, watch]
"""
SCOPE = Scope(
    command="qfc-harness validate --kubeconfig prod.yaml --namespace qfieldcloud-prod "
    "--values settings.env --yes",
    kubeconfig="prod.yaml",
    context="prod-admin@prod",
    server="https://10.20.30.40:6443",
    namespace="qfieldcloud-prod",
    user="operator@example.org",
    subject="worker_wrapper",
    service_account="qfieldcloud-worker-wrapper",
    replicas=2,
    real_jobs=True,
)


def result(name: str, status: Status = Status.PASS, **more: object) -> Result:
    """A result of a check of the registry, with its words."""
    check = CHECKS[name]
    made = Result(
        id=name,
        check=name,
        title=check.title,
        category=check.category,
        status=status,
        severity=check.severity,
        proof=Proof.REAL_JOB if check.category == "real jobs" else Proof.READ,
        needs=check.needs,
        seen="as it has to be" if status is Status.PASS else "not as it has to be",
        expected="as it has to be",
        why=check.why,
        fix=Fix(steps=(check.fix,)) if status is not Status.PASS else Fix(),
        repeat="kubectl auth can-i create jobs --namespace qfieldcloud-prod",
        evidence=("version", "jobs"),
        affects=check.affects,
        who=check.who,
        duration_s=0.012,
        doc=check.doc,
    )
    return dataclasses.replace(made, **more)  # type: ignore[arg-type]


def all_passed() -> dict[str, Result]:
    """Every check of the registry."""
    return {name: result(name) for name in CHECKS}


def evidence(name: str, body: object = None, status: int = 200) -> Evidence:
    """A call and its answer."""
    return Evidence(
        id=name,
        call=f"GET /api/v1/{name}?limit=500",
        at="2026-05-03T12:00:08.100000Z",
        seconds=0.021,
        status=status,
        kind=Kind.READ,
        body=body if body is not None else {"kind": "List", "items": []},
        headers={"Date": "Sun, 03 May 2026 12:00:08 GMT"},
        error="" if status < 300 else f"{name} is forbidden",
    )


def job(name: str, status: Status = Status.PASS, lines: int = 30) -> RealJob:
    """A real job with its log and timeline."""
    log = "\n".join(
        f"2026-05-03T12:00:{n % 60:02d}Z step {n}: layer_{n} read" for n in range(lines)
    )
    bad = status is not Status.PASS
    return RealJob(
        name=name,
        purpose="the probe in the worker's image",
        status=status,
        started="2026-05-03T12:00:20Z",
        duration_s=6.2,
        timeline=(
            Moment(at_s=0.0, lane="job", what="created"),
            Moment(at_s=0.4, lane="pod", what="Pending", detail="ContainerCreating"),
            Moment(at_s=0.9, lane="event", what="Pulled", detail="in 0.4 s"),
            Moment(at_s=1.6, lane="pod", what="Running"),
            Moment(at_s=5.1, lane="pod", what="Failed" if bad else "Succeeded"),
            Moment(at_s=5.3, lane="api", what="GET pods/log", detail="403 forbidden"),
            Moment(at_s=6.2, lane="job", what="deleted"),
        ),
        log=log,
        log_cut=1200 if bad else 0,
        failure="check: the worker could not resolve app.example.org" if bad else "",
        results=("QFV-902",),
        docker={"exit code": "0", "memory limit": "1048576000", "whole": "1.4 s"},
        kubernetes={
            "exit code": "1" if bad else "0",
            "memory limit": "1048576000",
            "whole": "6.2 s",
        },
    )


def validation(
    results: "dict[str, Result] | list[Result]", **more: object
) -> Validation:
    """A report of these results, with the verdict that they give."""
    some = list(results.values()) if isinstance(results, dict) else results
    ended = str(more.get("ended", ""))
    made = Validation(
        run_id="4f2a91c0",
        started="2026-05-03T12:00:07.000000Z",
        finished="2026-05-03T12:01:49.500000Z",
        scope=SCOPE,
        decision=decide(some, demanded=CHECKS, ended=ended),
        results=tuple(some),
        evidence=(
            evidence("version", {"gitVersion": "v1.34.0", "platform": "linux/amd64"}),
            evidence("jobs"),
            evidence("nodes", {"kind": "Status", "message": "forbidden"}, 403),
        ),
        rights=(
            _right("create", "batch", "jobs", "starting a worker", "ok"),
            _right("get", "", "pods/log", "the worker's log", "missing"),
            _right("delete", "", "secrets", "", "excess"),
            _right("create", "", "secrets", "the worker's environment", "not proven"),
        ),
        role=RoleAdvice(
            yaml=ROLE,
            diff="--- live\n+++ least\n@@ -9 +9 @@\n-  - pods\n+  - pods/log\n",
        ),
        settings=(
            _setting("WORKER_QGIS_MEMORY_LIMIT", "1000m", "1000 MiB", "1000 MiB"),
            dataclasses.replace(
                _setting("QFIELDCLOUD_K8S_CPU", "500", "500 shares", "500 CPUs"),
                status=Status.FAIL,
                note="No node has so many.",
                write="QFIELDCLOUD_K8S_CPU=500m",
            ),
            dataclasses.replace(_setting("SECRET_KEY", "", "", ""), secret=True),
        ),
        admission=(
            AdmissionChange(
                kind="Pod",
                path="spec.containers[1]",
                sent=None,
                returned={"name": "istio-proxy"},
                consequence="A sidecar keeps the pod running after the worker's end.",
                harmless=False,
            ),
            AdmissionChange(
                kind="Pod",
                path="spec.dnsPolicy",
                sent=None,
                returned="ClusterFirst",
                consequence="A default.",
                harmless=True,
            ),
        ),
        plan=Plan(
            calls=("POST /apis/batch/v1/namespaces/qfieldcloud-prod/jobs",),
            objects=(
                PlannedObject(kind="Job", name="qfv-4f2a91c0-1", purpose="the probe"),
            ),
            images=("registry.example.org/qgis:24.1",),
            cpu="1",
            memory="1000Mi",
            storage="0",
            minutes=12.0,
            clean_up="kubectl -n qfieldcloud-prod delete jobs,configmaps "
            "-l qfc-harness/run=4f2a91c0",
            hash="9c56cc51b374",
        ),
        made=(Made(kind="Job", name="qfv-4f2a91c0-1", uid="u-1", gone=True),),
        jobs=(job("probe"),),
        calls=(
            CallCount(phase="read-only", reads=31, reviews=42, dry_runs=14, writes=0),
            CallCount(phase="real jobs", reads=20, reviews=0, dry_runs=0, writes=8),
        ),
        audit_filter='userAgent = "qfc-harness/0.1.0 run/4f2a91c0"',
        fingerprint={
            "harness": "0.1.0",
            "server": "v1.34.0",
            "client": "34.1.0",
            "wrapper": "9c56cc51b374c3ba",
            "settings": "sha256 11aa22bb",
        },
    )
    return dataclasses.replace(made, **more)  # type: ignore[arg-type]


def _right(
    verb: str, group: str, resource: str, used_by: str, verdict: str
) -> RightRow:
    granted = {"ok": True, "missing": False, "excess": True}.get(verdict)
    return RightRow(
        verb=verb,
        group=group,
        resource=resource,
        used_by=used_by,
        granted=granted,
        proof=None if granted is None else Proof.IMPERSONATED,
        verdict=verdict,
        said="" if verdict == "ok" else "no rule allows it",
    )


def _setting(name: str, value: str, docker: str, kubernetes: str) -> SettingRow:
    return SettingRow(name=name, value=value, docker=docker, kubernetes=kubernetes)


WARNING, BLOCKER = Severity.WARNING, Severity.BLOCKER
