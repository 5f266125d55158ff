"""One thing is broken at a time: the verdict names exactly that, and nothing else."""

from collections.abc import Callable
from typing import Any

import pytest

from harness.preflight.model import Status, Validation, Word

from .cluster import Cluster

Break = Callable[[Cluster], None]


def _role(change: Callable[[list[dict[str, Any]]], None]) -> Break:
    def breaking(cluster: Cluster) -> None:
        cluster.change(
            "roles",
            "rbac.authorization.k8s.io/v1",
            "qfieldcloud-worker",
            lambda role: change(role["rules"]),
        )

    return breaking


def _without(resource: str, verb: str) -> Break:
    def change(rules: list[dict[str, Any]]) -> None:
        for rule in list(rules):
            if resource in rule["resources"] and verb in rule["verbs"]:
                others = [one for one in rule["resources"] if one != resource]
                kept = [one for one in rule["verbs"] if one != verb]
                if others:
                    rules.append({**rule, "resources": others})
                rule["resources"] = [resource]
                rule["verbs"] = kept
                if not kept:
                    rules.remove(rule)

    return _role(change)


def _set(**values: str) -> Break:
    def breaking(cluster: Cluster) -> None:
        cluster.values |= values

    return breaking


def _unset(name: str) -> Break:
    return lambda cluster: cluster.values.__delitem__(name)


def _quota(replicas: int = 1, **hard: str) -> Break:
    def breaking(cluster: Cluster) -> None:
        cluster.replicas = replicas
        named = {key.replace("_", "."): value for key, value in hard.items()}
        cluster.post("resourcequotas", "v1", "ResourceQuota", "q", spec={"hard": named})

    return breaking


def _limits(**item: Any) -> Break:
    def breaking(cluster: Cluster) -> None:
        spec = {"limits": [{"type": "Container", **item}]}
        cluster.post("limitranges", "v1", "LimitRange", "l", spec=spec)

    return breaking


def _policy(egress: list[Any]) -> Break:
    def breaking(cluster: Cluster) -> None:
        cluster.post(
            "networkpolicies",
            "networking.k8s.io/v1",
            "NetworkPolicy",
            "closed",
            spec={"podSelector": {}, "policyTypes": ["Egress"], "egress": egress},
        )

    return breaking


def _gone(plural: str, name: str, api: str = "v1") -> Break:
    return lambda cluster: cluster.delete(plural, api, name)


def _claim(name: str, mode: str, size: str = "10Gi", replicas: int = 1) -> Break:
    def breaking(cluster: Cluster) -> None:
        cluster.replicas = replicas
        cluster.delete("persistentvolumeclaims", "v1", name)
        cluster.post(
            "persistentvolumeclaims",
            "v1",
            "PersistentVolumeClaim",
            name,
            spec={
                "accessModes": [mode],
                "resources": {"requests": {"storage": size}},
            },
        )

    return breaking


def _no_class(cluster: Cluster) -> None:
    """A claim of a storage class that there isn't."""
    cluster.delete("persistentvolumeclaims", "v1", "qfieldcloud-worker-io")
    spec = {
        "accessModes": ["ReadWriteOnce"],
        "storageClassName": "shared",
        "resources": {"requests": {"storage": "10Gi"}},
    }
    name = "qfieldcloud-worker-io"
    kind = "PersistentVolumeClaim"
    cluster.post("persistentvolumeclaims", "v1", kind, name, spec=spec)


WRAPPERS = {
    "app": "production_worker",
    "app.kubernetes.io/managed-by": "qfieldcloud-worker-wrapper",
}


def _leftover(cluster: Cluster) -> None:
    cluster.post("secrets", "v1", "Secret", "qfc-old", labels=WRAPPERS)


def _foreign(cluster: Cluster) -> None:
    pod = {"restartPolicy": "Never", "containers": [{"name": "a", "image": "qgis:1"}]}
    spec = {"suspend": True, "template": {"spec": pod}}
    cluster.post("jobs", "batch/v1", "Job", "qfc-their", labels=WRAPPERS, spec=spec)


def _rights_for_workers(cluster: Cluster) -> None:
    account = {
        "kind": "ServiceAccount",
        "name": "qfieldcloud-worker-pod",
        "namespace": cluster.namespace,
    }
    cluster.post(
        "rolebindings",
        "rbac.authorization.k8s.io/v1",
        "RoleBinding",
        "too-much",
        roleRef={
            "apiGroup": "rbac.authorization.k8s.io",
            "kind": "Role",
            "name": "qfieldcloud-worker",
        },
        subjects=[account],
    )


def _no_namespace(cluster: Cluster) -> None:
    cluster.namespace = "elsewhere"
    cluster.values["QFIELDCLOUD_K8S_NAMESPACE"] = "elsewhere"


def _expired(cluster: Cluster) -> None:
    cluster.token = "eyJhbGciOiJIUzI1NiJ9.e30.expired"


def _restricted(cluster: Cluster) -> None:
    cluster.label("pod-security.kubernetes.io/enforce", "restricted")


NO_GO, WARN = Word.NO_GO, Word.GO_WITH_WARNINGS
K8S = "QFIELDCLOUD_K8S_"
URL = "QFIELDCLOUD_WORKER_QFIELDCLOUD_URL"
BROKEN: dict[str, tuple[Break, Word, str, str]] = {
    "right-create-secrets": (
        _without("secrets", "create"),
        NO_GO,
        "QFV-211/create-secrets",
        "may not create secrets",
    ),
    "right-get-logs": (
        _without("pods/log", "get"),
        NO_GO,
        "QFV-211/get-pods-log",
        "may not get pods/log",
    ),
    "right-watch-pods": (
        _without("pods", "watch"),
        NO_GO,
        "QFV-211/watch-pods",
        "may not watch pods",
    ),
    "right-delete-jobs": (
        _without("jobs", "delete"),
        NO_GO,
        "QFV-211/delete-jobs",
        "may not delete jobs.batch",
    ),
    "right-list-events": (
        _without("events", "list"),
        WARN,
        "QFV-212/list-events",
        "may not list events",
    ),
    "right-too-many": (
        _role(
            lambda rules: rules.append(
                {"apiGroups": [""], "resources": ["secrets"], "verbs": ["list"]}
            )
        ),
        WARN,
        "QFV-213",
        "list secrets",
    ),
    "account-missing": (
        _gone("serviceaccounts", "qfieldcloud-worker"),
        NO_GO,
        "QFV-210",
        "there are",
    ),
    "workers-account-missing": (
        _gone("serviceaccounts", "qfieldcloud-worker-pod"),
        NO_GO,
        "QFV-215",
        "there is no ServiceAccount qfieldcloud-worker-pod",
    ),
    "workers-account-with-rights": (
        _rights_for_workers,
        WARN,
        "QFV-214",
        "create jobs (batch)",
    ),
    "claim-missing": (
        _gone("persistentvolumeclaims", "qfieldcloud-worker-io"),
        NO_GO,
        "QFV-401",
        "there is no claim qfieldcloud-worker-io",
    ),
    "claim-without-class": (_no_class, NO_GO, "QFV-401", "storage class 'shared'"),
    "grids-missing": (
        _gone("persistentvolumeclaims", "transformation-grids"),
        NO_GO,
        "QFV-405",
        "there is no claim transformation-grids",
    ),
    "claim-read-only": (
        _claim("qfieldcloud-worker-io", "ReadOnlyMany"),
        NO_GO,
        "QFV-402",
        "ReadOnlyMany",
    ),
    "claim-one-pod": (
        _claim("qfieldcloud-worker-io", "ReadWriteOncePod"),
        NO_GO,
        "QFV-402",
        "only one pod at a time",
    ),
    "claim-small": (
        _claim("qfieldcloud-worker-io", "ReadWriteOnce", "3Gi", replicas=2),
        WARN,
        "QFV-404",
        "3Gi for 2 replicas",
    ),
    "quota-full": (_quota(pods="0"), NO_GO, "QFV-310", "q: pods: 0 of 0 free"),
    "quota-for-one": (
        _quota(replicas=3, requests_memory="130Mi"),
        WARN,
        "QFV-311",
        "room for 2 workers at once",
    ),
    "quota-on-what-is-not-named": (
        _quota(limits_cpu="8"),
        NO_GO,
        "QFV-310",
        "limits.cpu, which the worker's pod doesn't name",
    ),
    "limit-range-too-small": (
        _limits(max={"memory": "32Mi"}),
        NO_GO,
        "QFV-312",
        "at most 32Mi memory, the worker's limit is 64Mi",
    ),
    "limit-range-throttles": (
        _limits(default={"cpu": "500m"}),
        WARN,
        "QFV-306",
        "throttled",
    ),
    "pod-security": (_restricted, NO_GO, "QFV-305", "violates PodSecurity"),
    "policy-closed": (_policy([]), WARN, "QFV-601", "closed lets workers reach"),
    "policy-without-dns": (
        _policy([{"ports": [{"port": 8000, "protocol": "TCP"}]}]),
        WARN,
        "QFV-601",
        "DNS (53)",
    ),
    "leftover": (_leftover, WARN, "QFV-801", "secret/qfc-old"),
    "foreign-wrapper": (_foreign, WARN, "QFV-802", "qfc-their"),
    "pull-secret-missing": (
        _set(**{f"{K8S}IMAGE_PULL_SECRETS": "registry"}),
        NO_GO,
        "QFV-512",
        "there is no Secret registry",
    ),
    "moving-tag": (
        _set(QFIELDCLOUD_QGIS_IMAGE_NAME="qgis"),
        WARN,
        "QFV-511",
        "qgis, pull policy IfNotPresent",
    ),
    "setting-misspelt": (
        _set(**{f"{K8S}TOLERATION": "[]"}),
        NO_GO,
        f"QFV-701/{K8S}TOLERATION",
        f"did you mean {K8S}TOLERATIONS?",
    ),
    "setting-wrong": (
        _set(**{f"{K8S}TTL_S": "soon"}),
        NO_GO,
        f"QFV-702/{K8S}TTL_S",
        "'soon' is not a whole number",
    ),
    "memory-in-another-unit": (
        _set(WORKER_QGIS_MEMORY_LIMIT="1Gi"),
        NO_GO,
        "QFV-702/WORKER_QGIS_MEMORY_LIMIT",
        "Write '1g'",
    ),
    "image-not-set": (
        _unset("QFIELDCLOUD_QGIS_IMAGE_NAME"),
        NO_GO,
        "QFV-704",
        "not set: QFIELDCLOUD_QGIS_IMAGE_NAME",
    ),
    "url-localhost": (
        _set(**{URL: "http://localhost:8000/api/v1/"}),
        NO_GO,
        "QFV-705",
        "in a pod localhost is the pod itself",
    ),
    "url-of-compose": (
        _set(**{URL: "http://app:8000/api/v1/"}),
        NO_GO,
        "QFV-705",
        "has no Service app",
    ),
    "times-out-too-late": (
        _set(**{f"{K8S}SCHEDULE_TIMEOUT_S": "7200"}),
        WARN,
        "QFV-706",
        "longer than a job may run",
    ),
    "backend-docker": (
        _set(QFIELDCLOUD_WORKER_BACKEND="docker"),
        WARN,
        "QFV-707",
        "is docker",
    ),
    "another-namespace": (
        _set(**{f"{K8S}NAMESPACE": "staging"}),
        WARN,
        "QFV-707",
        "is staging",
    ),
    "no-such-node": (
        _set(**{f"{K8S}NODE_SELECTOR": '{"pool": "gis"}'}),
        WARN,
        "QFV-501",
        "has no label pool=gis",
    ),
    "too-large-for-every-node": (
        _set(WORKER_QGIS_MEMORY_LIMIT="300g"),
        WARN,
        "QFV-501",
        "has no room for it",
    ),
    "priority-class-missing": (
        _set(**{f"{K8S}PRIORITY_CLASS": "urgent"}),
        NO_GO,
        "QFV-304",
        "no PriorityClass with name urgent",
    ),
    "namespace-missing": (_no_namespace, NO_GO, "QFV-103", "there is no elsewhere"),
    "credentials-expired": (_expired, NO_GO, "QFV-102", "401"),
}


def named(report: Validation) -> set[str]:
    """What the verdict rests on, skipped real jobs left aside."""
    skipped = {one.id for one in report.results if one.status is Status.SKIPPED}
    decision = report.decision
    reasons = (*decision.blockers, *decision.warnings, *decision.not_proven)
    return {one.result for one in reasons} - skipped


def test_all_is_well(cluster: Cluster) -> None:
    """Nothing is named but the real jobs that nobody asked for."""
    report, code = cluster.validate()
    assert named(report) == set()
    assert report.decision.word is Word.GO_WITH_WARNINGS
    assert report.decision.checks_run == report.decision.checks_demanded
    assert code == 0
    writes = [one.writes for one in report.calls if one.phase == "read-only"]
    assert writes == [0]


@pytest.mark.parametrize("name", BROKEN)
def test_one_thing_is_broken(cluster: Cluster, name: str) -> None:
    """It is named, in its own words; what follows from it is folded into it."""
    breaking, word, result, words = BROKEN[name]
    breaking(cluster)
    report, code = cluster.validate()
    assert named(report) == {result}
    assert report.decision.word is word
    assert code == (1 if word is Word.NO_GO else 0)
    found = next(one for one in report.results if one.id == result)
    assert words in found.seen
    assert found.why
    assert found.fix.steps or found.fix.command or found.fix.yaml
