"""create: defaults, generated names, what is overwritten, dry runs."""

import pytest

from .space import job, pod

pytestmark = pytest.mark.recorded("kubernetes-1.34")


def test_job(space, see):
    """A Job comes back with all its defaults, selector and labels."""
    see("created", space("POST", "jobs", body=job("j", "true", suspend=True)))


def test_job_with_everything(space, see):
    """What a wrapper sends is kept as it was sent."""
    body = job(
        "j",
        suspend=True,
        ttlSecondsAfterFinished=60,
        activeDeadlineSeconds=600,
        pod_spec={
            "c": {
                "args": ["a", "$(B)"],
                "env": [{"name": "B", "value": ""}, {"name": "C", "value": "x"}],
                "resources": {
                    "requests": {"cpu": "0.5", "memory": 1048576000},
                    "limits": {"memory": "1000Mi"},
                },
                "volumeMounts": [
                    {"name": "io", "mountPath": "/io", "subPath": "a"},
                    {"name": "grids", "mountPath": "/grids", "readOnly": True},
                ],
                "securityContext": {"allowPrivilegeEscalation": False},
            },
            "volumes": [
                {"name": "io", "persistentVolumeClaim": {"claimName": "io"}},
                {
                    "name": "grids",
                    "persistentVolumeClaim": {"claimName": "g", "readOnly": True},
                },
                {"name": "e", "emptyDir": {}},
                {"name": "s", "secret": {"secretName": "s"}},
                {"name": "h", "hostPath": {"path": "/x"}},
                {"name": "d"},
            ],
            "serviceAccountName": "sa",
            "nodeSelector": {"a": "b"},
            "tolerations": [{"key": "k", "operator": "Exists"}],
            "activeDeadlineSeconds": 30,
            "priorityClassName": "nope",
        },
    )
    body["metadata"]["labels"] = {"app": "x"}
    body["metadata"]["annotations"] = {"note": "y"}
    body["spec"]["template"]["metadata"] = {"labels": {"app": "x"}}
    see("created", space("POST", "jobs", body=body))


def test_pod(space, see):
    """A pod comes back with what admission adds."""
    body = pod("p", "true", schedulerName="nobody", automountServiceAccountToken=None)
    see("created", space("POST", "pods", body=body))


def test_pod_requests_follow_limits(space, see):
    """A pod's limits become its requests; a Job's template's don't."""
    body = pod(
        "p",
        "true",
        schedulerName="nobody",
        c={"resources": {"limits": {"memory": "1Gi"}}},
    )
    created = space.create("pods", body)
    see("resources", created["spec"]["containers"][0]["resources"])
    see("class", created["status"]["qosClass"])


@pytest.mark.parametrize(
    ("plural", "body"),
    [
        ("secrets", {"stringData": {"a": "b"}, "data": {"c": "ZA=="}}),
        ("configmaps", {"data": {"a": "b"}, "binaryData": {"c": "ZA=="}}),
        ("serviceaccounts", {"automountServiceAccountToken": False}),
        (
            "persistentvolumeclaims",
            {
                "spec": {
                    "accessModes": ["ReadOnlyMany"],
                    "storageClassName": "",
                    "resources": {"requests": {"storage": "1Gi"}},
                }
            },
        ),
        ("resourcequotas", {"spec": {"hard": {"count/jobs.batch": 2}}}),
        (
            "limitranges",
            {"spec": {"limits": [{"type": "Container", "max": {"memory": "1Gi"}}]}},
        ),
        ("roles", {"rules": []}),
        (
            "rolebindings",
            {
                "roleRef": {"kind": "Role", "name": "r"},
                "subjects": [{"kind": "User", "name": "u"}],
            },
        ),
        ("leases", {"spec": {"holderIdentity": "me", "leaseDurationSeconds": 5}}),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_other_kinds(space, see, plural, body):
    """The other kinds have their defaults, too."""
    see("created", space("POST", plural, body={"metadata": {"name": "x"}, **body}))


def test_generate_name(space, see):
    """generateName is completed by five characters."""
    body = job("", "true", suspend=True)
    body["metadata"] = {"generateName": "gen-"}
    created = space("POST", "jobs", body=body)
    see("status", created.status)
    see("name", [created.body["metadata"]["name"], created.body["metadata"]])


def test_without_name(space, see):
    """Neither name nor generateName is 422."""
    body = job("", "true")
    del body["metadata"]["name"]
    see("post", space("POST", "jobs", body=body))


def test_twice(space, see):
    """The second object of a name is 409 AlreadyExists."""
    body = {"metadata": {"name": "x"}}
    space.create("configmaps", body)
    see("second", space("POST", "configmaps", body=body))
    see("dry run", space("POST", "configmaps", body=body, query="dryRun=All"))


def test_system_fields(space, see):
    """uid and creation time are the server's; a resourceVersion is 500."""
    mine = {
        "name": "x",
        "uid": "11111111-1111-1111-1111-111111111111",
        "creationTimestamp": "2001-01-01T00:00:00Z",
        "generation": 7,
    }
    created = space.create("configmaps", {"metadata": mine})
    see("overwritten", created["metadata"]["uid"] != mine["uid"])
    see("created", created["metadata"])
    versioned = {"metadata": {"name": "y", "resourceVersion": "5"}}
    see("version", space("POST", "configmaps", body=versioned))
    dry = space("POST", "configmaps", body=versioned, query="dryRun=All")
    see("version, dry run", dry)


def test_dry_run(space, see):
    """All runs everything and stores nothing; other values are 422."""
    dry = space("POST", "jobs", body=job("x", "true"), query="dryRun=All")
    see("dry run", dry)
    see("nothing there", space("GET", "jobs", "x"))
    other = space("POST", "jobs", body=job("x", "true"), query="dryRun=yes")
    see("other value", other)


def test_other_namespace(space, see):
    """A namespace that isn't the path's is 400; a missing one 404."""
    body = {"metadata": {"name": "x", "namespace": "default"}}
    see("other", space("POST", "configmaps", body=body))
    path = "/api/v1/namespaces/qfc-conformance-none/configmaps"
    see("missing", space.server("POST", path, {"metadata": {"name": "x"}}))


@pytest.mark.parametrize("validation", ["", "Warn", "Strict", "Ignore", "Nope"])
def test_unknown_fields(space, see, validation):
    """Unknown fields are dropped with a warning, or refused, as asked."""
    body = job("x", "true")
    body["nope"] = 1
    body["spec"]["nope"] = {"a": 1}
    body["spec"]["template"]["spec"]["containers"][0]["nope"] = [1]
    query = "dryRun=All" + (f"&fieldValidation={validation}" if validation else "")
    answer = space("POST", "jobs", body=body, query=query)
    see("status", [answer.status, answer.headers.get("Warning")])
    if answer.status != 201:
        see("refusal", answer.body)
