"""Admission: quotas, limit ranges, Pod Security, accounts, priorities, classes."""

import re
import time

import pytest

from .space import events_of, job, pod

pytestmark = pytest.mark.recorded("kubernetes-1.34")

_BARE = {"schedulerName": "nobody"}


def _quota(space, **spec):
    space.create("resourcequotas", {"metadata": {"name": "q"}, "spec": spec})
    return space.wait("resourcequotas", "q", lambda q: q["status"].get("used"))


def test_quota_jobs(space, see):
    """A quota on Jobs refuses the one too many."""
    see("status", _quota(space, hard={"count/jobs.batch": "1"})["status"])
    space.create("jobs", job("a", "true", suspend=True))
    see("second", space("POST", "jobs", body=job("b", "true")))
    see(
        "dry run",
        space("POST", "jobs", body=job("b", "true"), query="dryRun=All").status,
    )
    space("DELETE", "jobs", "a", query="propagationPolicy=Background")
    freed = space.wait(
        "resourcequotas", "q", lambda q: q["status"]["used"]["count/jobs.batch"] == "0"
    )
    see("freed", freed["status"])


def test_quota_resources(space, see):
    """A quota on memory wants every container to say how much."""
    _quota(space, hard={"requests.memory": "1Gi", "limits.cpu": "2", "pods": "5"})
    see("silent", space("POST", "pods", body=pod("a", "true", **_BARE)))
    resources = {"limits": {"memory": "2Gi", "cpu": "1"}}
    body = pod("a", "true", c={"resources": resources}, **_BARE)
    see("too much", space("POST", "pods", body=body))
    resources["limits"]["memory"] = "512Mi"
    space.create("pods", pod("a", "true", c={"resources": resources}, **_BARE))
    found = space("GET", "resourcequotas", "q").body
    see("used", found["status"]["used"])


def test_quota_of_a_job(space, see):
    """A Job is taken; its pods are what the quota refuses, and events say so."""
    see.name("j", "j")
    _quota(space, hard={"pods": "0"})
    space.create("jobs", job("j", "true"))
    end = time.monotonic() + 30
    while not (found := events_of(space, "j")) and time.monotonic() < end:
        time.sleep(0.1)
    kind, reason, message, _ = found[0]
    see(
        "event",
        [kind, reason, message.partition('"')[0], message.partition("is forb")[2]],
    )
    see("status", space("GET", "jobs", "j").body["status"].get("active"))


def test_quota_scopes(space, see):
    """A quota for pods with a deadline doesn't see the others."""
    _quota(space, hard={"pods": "0"}, scopes=["Terminating"])
    see("without", space("POST", "pods", body=pod("a", "true", **_BARE)).status)
    body = pod("b", "true", activeDeadlineSeconds=5, **_BARE)
    see("with", space("POST", "pods", body=body))


def _limit(space, **item):
    body = {"metadata": {"name": "l"}, "spec": {"limits": [item]}}
    space.create("limitranges", body)


def test_limit_range_defaults(space, see):
    """Defaults fill in what a container leaves open, and are noted."""
    _limit(
        space,
        type="Container",
        default={"memory": "1Gi", "cpu": "1"},
        defaultRequest={"memory": "512Mi"},
    )
    created = space.create("pods", pod("a", "true", **_BARE))
    see("resources", created["spec"]["containers"][0]["resources"])
    see("note", created["metadata"]["annotations"])


def test_limit_range_bounds(space, see):
    """Bounds refuse what is outside of them, all at once."""
    _limit(
        space,
        type="Container",
        max={"memory": "1Gi"},
        min={"memory": "64Mi", "cpu": "100m"},
        maxLimitRequestRatio={"memory": "2"},
    )
    resources = {
        "limits": {"memory": "2Gi"},
        "requests": {"memory": "32Mi", "cpu": "10m"},
    }
    body = pod("a", "true", c={"resources": resources}, **_BARE)
    answer = space("POST", "pods", body=body)
    head, _, problems = answer.body["message"].partition("[")
    see("post", [answer.status, head])
    # in the order of Go's maps, that is in none
    see("problems", sorted(problems.strip("]").replace(", but", "; but").split(", ")))


PODS = {
    "plain": {},
    "host-path": {"volumes": [{"name": "v", "hostPath": {"path": "/x"}}]},
    "privileged": {"c": {"securityContext": {"privileged": True}}},
    "host-network": {"hostNetwork": True},
    "capability": {"c": {"securityContext": {"capabilities": {"add": ["SYS_ADMIN"]}}}},
    "root": {"securityContext": {"runAsUser": 0, "runAsNonRoot": False}},
    "unconfined": {"securityContext": {"seccompProfile": {"type": "Unconfined"}}},
    "good": {
        "securityContext": {
            "runAsNonRoot": True,
            "runAsUser": 1000,
            "seccompProfile": {"type": "RuntimeDefault"},
        },
        "c": {
            "securityContext": {
                "allowPrivilegeEscalation": False,
                "capabilities": {"drop": ["ALL"]},
            }
        },
    },
}


@pytest.mark.parametrize("level", ["baseline", "restricted"])
def test_pod_security(space, see, level):
    """Labels of the namespace refuse pods and warn of Jobs."""
    labels = {"pod-security.kubernetes.io/enforce": level}
    headers = {"Content-Type": "application/merge-patch+json"}
    path = f"/api/v1/namespaces/{space.name}"
    space.server("PATCH", path, {"metadata": {"labels": labels}}, headers=headers)
    for name, spec in PODS.items():
        answer = space(
            "POST", "pods", body=pod("a", "true", **spec), query="dryRun=All"
        )
        see(name, [answer.status, answer.body.get("message")])
    plain = space("POST", "jobs", body=job("j", "true"), query="dryRun=All")
    see("job", [plain.status, plain.headers.get("Warning")])


def test_accounts(space, see):
    """A pod has an account, which must be there, and its token unless told not to."""
    see("missing", space("POST", "pods", body=pod("a", serviceAccountName="nope")))
    body = {"metadata": {"name": "quiet"}, "automountServiceAccountToken": False}
    space.create("serviceaccounts", {**body, "imagePullSecrets": [{"name": "s"}]})
    created = pod("a", "true", serviceAccountName="quiet", **_BARE)
    del created["spec"]["automountServiceAccountToken"]
    spec = space.create("pods", created)["spec"]
    see("quiet", [spec.get("volumes"), spec["imagePullSecrets"]])


def test_generated_name_in_refusals(space, see):
    """A plugin that changes pods knows no generated name yet; one that looks does."""
    body = pod("", serviceAccountName="nope")
    body["metadata"] = {"generateName": "made-"}
    see("account", space("POST", "pods", body=body).body["message"])
    _quota(space, hard={"pods": "0"})
    body = {**pod("", "true", **_BARE), "metadata": {"generateName": "made-"}}
    message = space("POST", "pods", body=body).body["message"]
    see("quota", re.sub(r"\bmade-[a-z0-9]{5}\b", "made-<5>", message))


def test_priority(space, see):
    """A priority class must be there."""
    see("missing", space("POST", "pods", body=pod("a", priorityClassName="nope")))
    name = "system-cluster-critical"
    body = pod("b", "true", priorityClassName=name, **_BARE)
    see("system", space.create("pods", body)["spec"]["priority"])


def test_default_class(space, see):
    """A claim without a class gets the default one; "" asks for none."""
    spec = {
        "accessModes": ["ReadWriteOnce"],
        "resources": {"requests": {"storage": "1Gi"}},
    }
    body = {"metadata": {"name": "a"}, "spec": spec}
    see("default", space.create("persistentvolumeclaims", body))
