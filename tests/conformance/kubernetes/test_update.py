"""update and patch: conflicts, immutable fields, the status's own path."""

import json

import pytest

from .space import job, pod

pytestmark = pytest.mark.recorded("kubernetes-1.34")

JSON = "application/json-patch+json"
MERGE = "application/merge-patch+json"
STRATEGIC = "application/strategic-merge-patch+json"


def _patch(space, plural, name, body, kind=MERGE, query=""):
    headers = {"Content-Type": kind}
    data = json.dumps(body).encode()
    return space("PATCH", plural, name, data, headers=headers, query=query)


def test_conflict(space, see):
    """A stale resourceVersion is 409; none at all writes over."""
    old = space.create("configmaps", {"metadata": {"name": "a"}})
    new = {"metadata": {"name": "a"}, "data": {"k": "v"}}
    see("without", space("PUT", "configmaps", "a", new))
    see("stale", space("PUT", "configmaps", "a", {**old, "data": {"k": "w"}}))
    new["metadata"]["uid"] = "11111111-1111-1111-1111-111111111111"
    answer = space("PUT", "configmaps", "a", new)
    see("other uid", [answer.status, answer.body["reason"]])


def test_no_change(space, see):
    """Writing the same again leaves the revision."""
    first = space.create("configmaps", {"metadata": {"name": "a"}, "data": {"k": "v"}})
    again = space("PUT", "configmaps", "a", first).body
    see(
        "same",
        again["metadata"]["resourceVersion"] == first["metadata"]["resourceVersion"],
    )


def test_missing(space, see):
    """What isn't there can't be replaced or patched; a lease is created."""
    body = {"metadata": {"name": "a"}}
    see("put", space("PUT", "configmaps", "a", body))
    see("patch", _patch(space, "configmaps", "a", body))
    lease = {"metadata": {"name": "a"}, "spec": {"holderIdentity": "x"}}
    see("lease", space("PUT", "leases", "a", lease).status)


def test_other_name(space, see):
    """The name in the body is the path's."""
    space.create("configmaps", {"metadata": {"name": "a"}})
    see("put", space("PUT", "configmaps", "a", {"metadata": {"name": "b"}}))
    see("none", space("PUT", "configmaps", "a", {"metadata": {}}))
    see("patch", _patch(space, "configmaps", "a", {"metadata": {"name": "b"}}))


def test_generation(space, see):
    """A Job's generation counts changes of its spec alone."""
    space.create("jobs", job("a", "true", suspend=True))
    label = _patch(space, "jobs", "a", {"metadata": {"labels": {"x": "1"}}})
    see("label", label.body["metadata"]["generation"])
    limit = _patch(space, "jobs", "a", {"spec": {"backoffLimit": 3}})
    see(
        "spec",
        [limit.body["metadata"]["generation"], limit.body["spec"]["backoffLimit"]],
    )


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("completions", 5),
        ("selector", {"matchLabels": {"a": "b"}}),
        ("completionMode", "Indexed"),
    ],
)
def test_job_immutable(space, see, key, value):
    """What a Job is made for doesn't change."""
    space.create("jobs", job("a", "true", suspend=True))
    see("patch", _patch(space, "jobs", "a", {"spec": {key: value}}).body)


def test_template_immutable(space, see):
    """Nor does its template; the value shown is the server's inner form."""
    space.create("jobs", job("a", "true", suspend=True))
    image = {"containers": [{"name": "c", "image": "other"}]}
    answer = _patch(
        space, "jobs", "a", {"spec": {"template": {"spec": image}}}, STRATEGIC
    )
    cause = answer.body["details"]["causes"][0]
    see("patch", [answer.status, cause["field"], cause["message"][-18:]])


def test_pod_immutable(space, see):
    """A pod's spec, but for its image and a few others, stays."""
    space.create("pods", pod("a", "true", schedulerName="nobody"))
    image = {"spec": {"containers": [{"name": "c", "image": "other"}]}}
    answer = _patch(space, "pods", "a", image, STRATEGIC)
    see("image", [answer.status, answer.body["spec"]["containers"][0]["image"]])
    node = _patch(space, "pods", "a", {"spec": {"hostname": "x"}})
    see("hostname", [node.status, node.body["message"].split("\n")[0]])


def test_status_path(space, see):
    """The status is written through its own path, and only it."""
    space.create("jobs", job("a", "true", suspend=True))
    space.wait("jobs", "a", lambda found: found["status"].get("conditions"))
    both = {"spec": {"backoffLimit": 3}, "status": {"active": 7}}
    plain = _patch(space, "jobs", "a", both).body
    see("plain", [plain["spec"]["backoffLimit"], plain["status"].get("active")])
    answer = _patch(space, "pods", "nope/status", {"status": {}})
    see("missing", [answer.status, answer.body["message"]])


def test_json_patch(space, see):
    """JSON patch: applied in order, or not at all."""
    space.create("configmaps", {"metadata": {"name": "a"}, "data": {"k": "v"}})
    good = [
        {"op": "test", "path": "/data/k", "value": "v"},
        {"op": "add", "path": "/data/l", "value": "w"},
        {"op": "remove", "path": "/data/k"},
    ]
    see("good", _patch(space, "configmaps", "a", good, JSON).body["data"])
    failing = [{"op": "test", "path": "/data/l", "value": "x"}]
    answer = _patch(space, "configmaps", "a", failing, JSON)
    see("test fails", [answer.status, answer.body["reason"]])
    answer = _patch(space, "configmaps", "a", {"data": {}}, JSON)
    see("no list", [answer.status, answer.body["reason"]])


def test_merge_patch(space, see):
    """Merge patch: null removes, lists are replaced."""
    space.create(
        "configmaps", {"metadata": {"name": "a"}, "data": {"k": "v", "l": "w"}}
    )
    patched = _patch(space, "configmaps", "a", {"data": {"k": None, "m": "x"}})
    see("patched", patched.body["data"])
    stale = _patch(
        space, "configmaps", "a", {"metadata": {"resourceVersion": "1"}, "data": {}}
    )
    see("stale", stale)
    see("unknown", _patch(space, "configmaps", "a", {"nope": 1}).headers.get("Warning"))
    body = b"{"
    headers = {"Content-Type": MERGE}
    see("cut", space("PATCH", "configmaps", "a", body, headers=headers).status)


def test_strategic_merge(space, see):
    """Strategic merge: containers and env are merged by name."""
    space.create(
        "jobs",
        job(
            "a",
            "true",
            suspend=True,
            pod_spec={"c": {"env": [{"name": "A", "value": "1"}]}},
        ),
    )
    env = [{"name": "B", "value": "2"}, {"name": "A", "$patch": "delete"}]
    patch = {
        "spec": {"template": {"spec": {"containers": [{"name": "c", "env": env}]}}}
    }
    answer = _patch(space, "jobs", "a", patch, STRATEGIC)
    see("immutable", answer.body["details"]["causes"][0]["field"])
    tolerations = [{"key": "a", "operator": "Exists"}]
    patch = {"spec": {"template": {"spec": {"tolerations": tolerations}}}}
    answer = _patch(space, "jobs", "a", patch, STRATEGIC)
    see(
        "suspended",
        [answer.status, answer.body["spec"]["template"]["spec"].get("tolerations")],
    )


def test_dry_run(space, see):
    """A dry run shows the change and doesn't make it."""
    space.create("configmaps", {"metadata": {"name": "a"}})
    dry = _patch(space, "configmaps", "a", {"data": {"k": "v"}}, query="dryRun=All")
    see("dry", dry.body["data"])
    see("still", "data" in space("GET", "configmaps", "a").body)


def test_immutable_secret(space, see):
    """An immutable Secret stays as it is."""
    space.create("secrets", {"metadata": {"name": "a"}, "immutable": True})
    see("data", _patch(space, "secrets", "a", {"stringData": {"k": "v"}}).body)
    see("type", _patch(space, "secrets", "a", {"type": "other"}).body)
