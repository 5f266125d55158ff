"""Who may do what: the texts of 401 and 403, reviews, tokens, impersonation."""

import base64
import json
import time

import pytest

from .space import RBAC, job

pytestmark = pytest.mark.recorded("kubernetes-1.34")

_READ_JOBS = {"apiGroups": ["batch"], "resources": ["jobs"], "verbs": ["get", "list"]}


def test_denied(space, see):
    """A 403 names user, verb, resource, group and where; names only if given."""
    user = space.account("worker", _READ_JOBS)
    see("allowed", user("GET", space.path("jobs")).status)
    for name, method, path, body in (
        ("create", "POST", space.path("jobs"), job("a", "true")),
        ("delete", "DELETE", space.path("jobs", "a"), None),
        ("watch", "GET", space.path("jobs", query="watch=1"), None),
        ("log", "GET", space.path("pods", "p/log"), None),
        ("pod", "GET", space.path("pods", "p"), None),
        (
            "named list",
            "GET",
            space.path("pods", query="fieldSelector=metadata.name=p"),
            None,
        ),
        ("other namespace", "GET", "/apis/batch/v1/namespaces/default/jobs", None),
        ("all namespaces", "GET", "/apis/batch/v1/jobs", None),
        ("cluster", "GET", "/api/v1/nodes", None),
        ("namespace", "GET", f"/api/v1/namespaces/{space.name}", None),
        ("unknown", "GET", space.path("nopes"), None),
        ("path", "GET", "/nope", None),
        ("secret", "POST", space.path("secrets"), {"metadata": {"name": "s"}}),
        ("collection", "DELETE", space.path("pods"), None),
        ("patch", "PATCH", space.path("jobs", "a"), b"{}"),
        ("token", "POST", space.path("serviceaccounts", "worker/token"), {}),
    ):
        see(name, user(method, path, body))


def test_resource_names(space, see):
    """resourceNames limit a rule to objects of these names."""
    rule = {
        "apiGroups": [""],
        "resources": ["secrets"],
        "verbs": ["get", "list", "create"],
        "resourceNames": ["mine"],
    }
    user = space.account("worker", rule)
    see("mine", user("GET", space.path("secrets", "mine")).status)
    see("other", user("GET", space.path("secrets", "other")).status)
    see("list", user("GET", space.path("secrets")).status)
    query = "fieldSelector=metadata.name=mine"
    see("list of mine", user("GET", space.path("secrets", query=query)).status)
    body = {"metadata": {"name": "mine"}}
    see("create", user("POST", space.path("secrets"), body).status)


def test_missing_role(space, see):
    """A binding to a role that isn't there says so in the 403."""
    user = space.account("worker")
    space("DELETE", "roles", "worker")
    see("list", user("GET", space.path("jobs")))


def test_unauthorized(space, see):
    """A token that isn't one is 401; none is the anonymous user."""
    bad = space.server.as_user(Authorization="Bearer nope")
    see("bad", bad("GET", space.path("jobs")))
    none = space.server.as_user(Authorization="")
    see("none", none("GET", space.path("jobs")))
    see("version", none("GET", "/version").status)
    see("root", none("GET", "/apis").status)


def test_account_deleted(space, see):
    """A token ends with its service account."""
    user = space.account("worker", _READ_JOBS)
    see("before", user("GET", space.path("jobs")).status)
    space("DELETE", "serviceaccounts", "worker")
    end = time.monotonic() + 30  # a real server remembers good tokens for 10 s
    while user("GET", space.path("jobs")).status == 200:
        assert time.monotonic() < end
        time.sleep(0.5)
    see("after", user("GET", space.path("jobs")))


def test_token_request(space, see):
    """A token of a service account: its answer, its claims, its limits."""
    space.create("serviceaccounts", {"metadata": {"name": "worker"}})
    made = space("POST", "serviceaccounts", "worker/token", {"spec": {}})
    body = made.body
    claims = body["status"]["token"].split(".")[1]
    claims = json.loads(base64.urlsafe_b64decode(claims + "=" * (-len(claims) % 4)))
    see("spec", [made.status, sorted(body["spec"]), body["spec"]["expirationSeconds"]])
    see("lifetime", claims["exp"] - claims["iat"])
    see("subject", claims["sub"])
    see("claims", sorted(claims))
    see(
        "private",
        {k: sorted(v) for k, v in claims["kubernetes.io"].items() if k != "namespace"},
    )
    short = {"spec": {"expirationSeconds": 10}}
    see("short", space("POST", "serviceaccounts", "worker/token", short))
    see("missing", space("POST", "serviceaccounts", "nope/token", {"spec": {}}))


def test_self_review(space, see):
    """Asking may I: allowed or not, with the binding as reason."""
    user = space.account("worker", _READ_JOBS)
    path = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"
    for verb, resource in (("list", "jobs"), ("create", "jobs")):
        asked = {
            "namespace": space.name,
            "verb": verb,
            "group": "batch",
            "resource": resource,
        }
        answer = user("POST", path, {"spec": {"resourceAttributes": asked}})
        see(f"{verb} {resource}", answer.body["status"])
    see("empty", user("POST", path, {"spec": {}}))


def test_other_reviews(space, see):
    """Asking for others, here and in a namespace; who am I; whose is this token."""
    user = space.account("worker", _READ_JOBS)
    base = "/apis/authorization.k8s.io/v1"
    asked = {
        "namespace": space.name,
        "verb": "list",
        "group": "batch",
        "resource": "jobs",
    }
    spec = {
        "resourceAttributes": asked,
        "user": f"system:serviceaccount:{space.name}:worker",
    }
    answer = space.server("POST", f"{base}/subjectaccessreviews", {"spec": spec})
    see("subject", answer.body["status"])
    local = f"{base}/namespaces/{space.name}/localsubjectaccessreviews"
    see("local", space.server("POST", local, {"spec": spec}).body["status"])
    elsewhere = {**spec, "resourceAttributes": {**asked, "namespace": "default"}}
    see("elsewhere", space.server("POST", local, {"spec": elsewhere}).body)
    see(
        "nobody",
        space.server("POST", local, {"spec": {"resourceAttributes": asked}}).body,
    )
    whoami = "/apis/authentication.k8s.io/v1/selfsubjectreviews"
    info = user("POST", whoami, {}).body["status"]["userInfo"]
    see("who am I", [info["username"], info["groups"], sorted(info["extra"])])


def test_rules_review(space, see):
    """What may I do here: the rules as they were granted."""
    user = space.account("worker", _READ_JOBS)
    path = "/apis/authorization.k8s.io/v1/selfsubjectrulesreviews"
    status = user("POST", path, {"spec": {"namespace": space.name}}).body["status"]
    ours = [r for r in status["resourceRules"] if r["resources"] == ["jobs"]]
    see("jobs", ours)
    see("complete", status["incomplete"])
    see("without", user("POST", path, {"spec": {}}))


def test_impersonation(space, see):
    """Acting as somebody else: with the right, as that one; else 403."""
    space.account("worker", _READ_JOBS)
    name = f"system:serviceaccount:{space.name}:worker"
    as_worker = {"Impersonate-User": name}
    jobs, pods = space.path("jobs"), space.path("pods")
    see("allowed", space.server("GET", jobs, headers=as_worker).status)
    see("denied", space.server("GET", pods, headers=as_worker))
    path = "/apis/authentication.k8s.io/v1/selfsubjectreviews"
    info = space.server("POST", path, {}, headers=as_worker).body["status"]["userInfo"]
    see("groups", info)
    other = space.account("other")
    see("no right", other("GET", jobs, headers=as_worker))
    see("no right, user", other("GET", jobs, headers={"Impersonate-User": "bob"}))
    group = {"Impersonate-User": name, "Impersonate-Group": "system:masters"}
    see("no right, group", other("GET", jobs, headers=group))
    alone = {"Impersonate-Group": "x"}
    see("group alone", space.server("GET", jobs, headers=alone).status)


def test_cluster_binding(space, see):
    """A ClusterRole bound in one namespace holds there."""
    user = space.account("worker")
    binding = {
        "metadata": {"name": "viewer"},
        "roleRef": {
            "apiGroup": "rbac.authorization.k8s.io",
            "kind": "ClusterRole",
            "name": "view",
        },
        "subjects": [
            {"kind": "ServiceAccount", "name": "worker", "namespace": space.name}
        ],
    }
    assert space.server("POST", f"{RBAC}/namespaces/{space.name}/rolebindings", binding)
    see("here", user("GET", space.path("pods")).status)
    see("log", user("GET", space.path("pods", "p/log")).status)
    see("secrets", user("GET", space.path("secrets")).status)
    see("elsewhere", user("GET", "/api/v1/namespaces/default/pods").status)
