"""What is refused, and with which text: decoding (400) and validation (422)."""

import pytest

from .space import job, pod

pytestmark = pytest.mark.recorded("kubernetes-1.34")


def _set(body, path, value):
    *parents, last = path
    for key in parents:
        body = body[key]
    body[last] = value


_SPEC = ("spec", "template", "spec")
_C = (*_SPEC, "containers", 0)
DECODING = {
    "integer-string": (("spec", "backoffLimit"), "x"),
    "integer-fraction": (("spec", "backoffLimit"), 1.5),
    "integer-bool": (("spec", "backoffLimit"), True),
    "bool-string": (("spec", "suspend"), "true"),
    "bool-number": (("spec", "suspend"), 1),
    "label-number": (("metadata", "labels"), {"a": 1}),
    "labels-list": (("metadata", "labels"), []),
    "name-number": (("metadata", "name"), 5),
    "spec-string": (("spec",), "x"),
    "args-string": ((*_C, "args"), "x"),
    "args-number": ((*_C, "args"), [1]),
    "env-object": ((*_C, "env"), {"a": "b"}),
    "env-number": ((*_C, "env"), [{"name": "a", "value": 1}]),
    "memory-1g": ((*_C, "resources"), {"limits": {"memory": "1g"}}),
    "memory-1mi": ((*_C, "resources"), {"limits": {"memory": "1mi"}}),
    "memory-dots": ((*_C, "resources"), {"limits": {"memory": "1.2.3"}}),
    "memory-empty": ((*_C, "resources"), {"limits": {"memory": ""}}),
    "time": (("metadata", "creationTimestamp"), "x"),
    "mode-string": (
        (*_SPEC, "volumes"),
        [{"name": "v", "configMap": {"name": "x", "defaultMode": "0644"}}],
    ),
}


@pytest.mark.parametrize("case", DECODING)
def test_decoding(space, see, case):
    """A wrong type is 400, in Go's words."""
    body = job("x", "true")
    path, value = DECODING[case]
    _set(body, path, value)
    answer = space("POST", "jobs", body=body, query="dryRun=All")
    see("post", [answer.status, answer.body])


JOBS = {
    "name-underscore": (("metadata", "name"), "J_1"),
    "name-long": (("metadata", "name"), "a" * 64),
    "name-dots": (("metadata", "name"), "a.b"),
    "label-at": (("metadata", "labels"), {"a": "x@y"}),
    "label-long": (("metadata", "labels"), {"a": "x" * 64}),
    "label-key": (("metadata", "labels"), {"a/b/c": "x"}),
    "annotation-key": (("metadata", "annotations"), {"a b": "x"}),
    "finalizer": (("metadata", "finalizers"), ["nope"]),
    "owner": (("metadata", "ownerReferences"), [{"name": "x"}]),
    "template-label": (("spec", "template", "metadata"), {"labels": {"a": "@"}}),
    "parallelism": (("spec", "parallelism"), -1),
    "backoff": (("spec", "backoffLimit"), -1),
    "deadline": (("spec", "activeDeadlineSeconds"), -1),
    "ttl": (("spec", "ttlSecondsAfterFinished"), -1),
    "mode": (("spec", "completionMode"), "Nope"),
    "restart-unset": ((*_SPEC, "restartPolicy"), ""),
    "restart-always": ((*_SPEC, "restartPolicy"), "Always"),
    "restart-other": ((*_SPEC, "restartPolicy"), "Nope"),
    "no-containers": ((*_SPEC, "containers"), []),
    "no-image": ((*_C, "image"), ""),
    "container-name": ((*_C, "name"), "A_b"),
    "two-containers": (
        (*_SPEC, "containers"),
        [{"name": "c", "image": "x"}, {"name": "c", "image": "x"}],
    ),
    "env-name": ((*_C, "env"), [{"name": "a=b"}]),
    "env-no-name": ((*_C, "env"), [{"value": "x"}]),
    "env-both": (
        (*_C, "env"),
        [
            {
                "name": "a",
                "value": "x",
                "valueFrom": {"secretKeyRef": {"name": "s", "key": "k"}},
            }
        ],
    ),
    "env-empty-source": ((*_C, "env"), [{"name": "a", "valueFrom": {}}]),
    "env-field": (
        (*_C, "env"),
        [{"name": "a", "valueFrom": {"fieldRef": {"fieldPath": "spec.nope"}}}],
    ),
    "mount-unknown": ((*_C, "volumeMounts"), [{"name": "v", "mountPath": "/v"}]),
    "mount-no-path": ((*_C, "volumeMounts"), [{"name": "v"}]),
    "volume-two-types": (
        (*_SPEC, "volumes"),
        [{"name": "v", "emptyDir": {}, "hostPath": {"path": "/x"}}],
    ),
    "volume-no-claim": (
        (*_SPEC, "volumes"),
        [{"name": "v", "persistentVolumeClaim": {}}],
    ),
    "volume-name": ((*_SPEC, "volumes"), [{"name": "V", "emptyDir": {}}]),
    "host-path-type": (
        (*_SPEC, "volumes"),
        [{"name": "v", "hostPath": {"path": "/x", "type": "Nope"}}],
    ),
    "memory-request": (
        (*_C, "resources"),
        {"requests": {"memory": "2Gi"}, "limits": {"memory": "1Gi"}},
    ),
    "memory-negative": ((*_C, "resources"), {"limits": {"memory": "-1"}}),
    "memory-milli": ((*_C, "resources"), {"limits": {"memory": "1000m"}}),
    "memory-fraction": ((*_C, "resources"), {"limits": {"memory": 1.5}}),
    "resource-name": ((*_C, "resources"), {"limits": {"nope": "1"}}),
    "pull-policy": ((*_C, "imagePullPolicy"), "Nope"),
    "pod-deadline": ((*_SPEC, "activeDeadlineSeconds"), 0),
    "toleration": ((*_SPEC, "tolerations"), [{"key": "a", "operator": "Nope"}]),
    "toleration-seconds": (
        (*_SPEC, "tolerations"),
        [{"key": "a", "operator": "Exists", "tolerationSeconds": 5}],
    ),
    "service-account": ((*_SPEC, "serviceAccountName"), "A_b"),
    "node-selector": ((*_SPEC, "nodeSelector"), {"a": "@"}),
    "selector": (("spec", "selector"), {"matchLabels": {"a": "b"}}),
    "env-hidden": (
        (*_C, "env"),
        [{"name": "a", "value": "1"}, {"name": "a", "value": "2"}],
    ),
}


@pytest.mark.parametrize("case", JOBS)
def test_job(space, see, case):
    """A field that isn't valid is 422, with one cause for each; or a warning."""
    body = job("x", "true")
    path, value = JOBS[case]
    _set(body, path, value)
    answer = space("POST", "jobs", body=body, query="dryRun=All")
    see("post", [answer.status, answer.headers.get("Warning")])
    if answer.status != 201:
        see("refusal", answer.body)


def test_sub_path(space, see):
    """A subPath stays in its volume."""
    for value in ("/a", "a/../../b"):
        body = pod(
            "x",
            c={"volumeMounts": [{"name": "v", "mountPath": "/v", "subPath": value}]},
            volumes=[{"name": "v", "emptyDir": {}}],
        )
        see(value, space("POST", "pods", body=body, query="dryRun=All").body)


def test_image_whitespace(space, see):
    """A pod's image has no space around it."""
    body = pod("x", c={"image": " x "})
    see("post", space("POST", "pods", body=body, query="dryRun=All").body)


OTHERS = {
    "secret-key": ("secrets", {"data": {"a b": "YQ=="}}),
    "secret-base64": ("secrets", {"data": {"a": "%"}}),
    "secret-type": ("secrets", {"type": "kubernetes.io/dockerconfigjson"}),
    "secret-large": ("secrets", {"stringData": {"a": "x" * 1_100_000}}),
    "configmap-key": ("configmaps", {"data": {"..": "x"}}),
    "claim-empty": ("persistentvolumeclaims", {"spec": {}}),
    "claim-mode": (
        "persistentvolumeclaims",
        {
            "spec": {
                "accessModes": ["Nope"],
                "resources": {"requests": {"storage": "1Gi"}},
            }
        },
    ),
    "role-empty-rule": ("roles", {"rules": [{}]}),
    "binding-empty": ("rolebindings", {"subjects": [{"kind": "ServiceAccount"}]}),
    "lease": ("leases", {"spec": {"leaseDurationSeconds": 0}}),
}


@pytest.mark.parametrize("case", OTHERS)
def test_other_kinds(space, see, case):
    """The other kinds are checked, too."""
    plural, body = OTHERS[case]
    whole = {"metadata": {"name": "x"}, **body}
    see("post", space("POST", plural, body=whole, query="dryRun=All").body)
