"""delete: what is answered, what goes with it, and what holds it."""

import pytest

from .space import job, pod
from .transitions import job_state, pod_state, watching

pytestmark = pytest.mark.recorded("kubernetes-1.34")


def _options(**options):
    return {"kind": "DeleteOptions", "apiVersion": "v1", **options}


def test_status_or_object(space, see):
    """Most kinds answer with a Status, some with the object."""
    space.create("configmaps", {"metadata": {"name": "a"}})
    see("configmap", space("DELETE", "configmaps", "a"))
    see("twice", space("DELETE", "configmaps", "a"))
    space.create("serviceaccounts", {"metadata": {"name": "a"}})
    see("account", space("DELETE", "serviceaccounts", "a").body["kind"])
    space.create("jobs", job("a", "true", suspend=True))
    see("job", space("DELETE", "jobs", "a", query="propagationPolicy=Background"))


def test_preconditions(space, see):
    """A uid or revision that doesn't hold is 409."""
    space.create("jobs", job("a", "true", suspend=True))
    uid = "11111111-1111-1111-1111-111111111111"
    see("uid", space("DELETE", "jobs", "a", _options(preconditions={"uid": uid})))
    stale = _options(preconditions={"resourceVersion": "1"})
    answer = space("DELETE", "jobs", "a", stale)
    see("revision", [answer.status, answer.body["reason"]])


def test_bad_options(space, see):
    """Options that make no sense are 422 or 400."""
    space.create("configmaps", {"metadata": {"name": "a"}})
    for options in (
        {"propagationPolicy": "Nope"},
        {"propagationPolicy": "Orphan", "orphanDependents": False},
    ):
        see(str(options), space("DELETE", "configmaps", "a", _options(**options)))
    see("dry", space("DELETE", "configmaps", "a", _options(dryRun=["All"])).body)
    see("still", space("GET", "configmaps", "a").status)


def test_finalizer(space, see):
    """A finalizer holds an object that is deleted until it is taken off."""
    meta = {"name": "a", "finalizers": ["example.com/x"]}
    space.create("configmaps", {"metadata": meta})
    see("deleted", space("DELETE", "configmaps", "a"))
    see("again", space("DELETE", "configmaps", "a").status)
    added = {"metadata": {**meta, "finalizers": ["example.com/x", "example.com/y"]}}
    see("no new one", space("PUT", "configmaps", "a", added).body)
    freed = space("PUT", "configmaps", "a", {"metadata": {"name": "a"}})
    see("freed", freed.status)
    see("gone", space("GET", "configmaps", "a").status)


def test_collection(space, see):
    """A collection is deleted by selector, and listed."""
    for name, labels in (("a", {"x": "1"}), ("b", {"x": "1"}), ("c", {})):
        space.create("secrets", {"metadata": {"name": name, "labels": labels}})
    deleted = space("DELETE", "secrets", query="labelSelector=x")
    see("kind", [deleted.status, deleted.body["kind"]])
    left = space("GET", "secrets").body["items"]
    see("left", [item["metadata"]["name"] for item in left])


def test_pod_without_node(space, see):
    """A pod that is on no node goes at once, and is answered."""
    space.create("pods", pod("a", "true", schedulerName="nobody"))
    see("deleted", space("DELETE", "pods", "a"))
    see("gone", space("GET", "pods", "a").status)


@pytest.mark.parametrize("policy", ["Background", "Foreground", "Orphan", ""])
def test_running_job(space, see, policy):
    """A running Job goes with its pod, before it, or without it."""
    see.name("a", "a")
    space.create(
        "jobs",
        job(
            "a",
            *("sh", "-c", 'trap "exit 0" TERM; sleep 60 & wait'),
            pod_spec={"terminationGracePeriodSeconds": 5},
        ),
    )
    space.wait("jobs", "a", lambda found: found["status"].get("ready"))
    with watching(space, "jobs") as jobs, watching(space, "pods") as pods:
        query = f"propagationPolicy={policy}" if policy else ""
        answer = space("DELETE", "jobs", "a", query=query)
        see(
            "answer",
            [answer.status, answer.body["kind"], answer.headers.get("Warning")],
        )
        jobs.wait(lambda event: event["type"] == "DELETED")
        if policy in ("Orphan", ""):
            owners = space("GET", "pods").body["items"][0]["metadata"]
            see("owners", owners.get("ownerReferences"))
        else:
            pods.wait(lambda event: event["type"] == "DELETED")
    last = jobs.states("a", job_state)[-1]
    last[1].pop("terminating", None)  # whether it was counted once more is chance
    see("job", last)
    kinds = [kind for kind, _ in pods.states("a", pod_state)]
    see("pod", kinds[-1] if policy in ("Background", "Foreground") else "stays")


def test_owner_gone(space, see):
    """What is owned goes with its owner; so does what is born an orphan."""
    owner = space.create("configmaps", {"metadata": {"name": "owner"}})
    reference = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "name": "owner",
        "uid": owner["metadata"]["uid"],
    }
    owned = {"metadata": {"name": "owned", "ownerReferences": [reference]}}
    space.create("secrets", owned)
    space("DELETE", "configmaps", "owner")
    space.wait("secrets", "owned", lambda found: found is None)
    space.create("secrets", owned)
    space.wait("secrets", "owned", lambda found: found is None)
    see("both", "gone")


def test_namespace(server, see, request):
    """A namespace that is deleted takes nothing new, and goes with all it had."""
    name = see.name("qfc-conf-deleted", "ns")
    server("POST", "/api/v1/namespaces", {"metadata": {"name": name}})
    meta = {"name": "a", "finalizers": ["example.com/x"]}
    path = f"/api/v1/namespaces/{name}/configmaps"
    assert server("POST", path, {"metadata": meta}).status == 201
    deleted = server("DELETE", f"/api/v1/namespaces/{name}")
    see("deleted", [deleted.status, deleted.body["status"]["phase"]])
    see("create", server("POST", path, {"metadata": {"name": "b"}}))
    server("PUT", f"{path}/a", {"metadata": {"name": "a"}})
    see("default", server("DELETE", "/api/v1/namespaces/default"))
    see("missing", server("DELETE", "/api/v1/namespaces/qfc-none"))
