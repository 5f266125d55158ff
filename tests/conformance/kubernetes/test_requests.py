"""Paths, methods and media types: what comes back before any object is looked at."""

import pytest

from .space import job

pytestmark = pytest.mark.recorded("kubernetes-1.34")


@pytest.mark.parametrize(
    "path",
    [
        "/apis/nope/v1/jobs",
        "/apis/batch/v2/jobs",
        "/apis/batch/v1/nopes",
        "/api/v1/namespaces/default/nopes",
        "/api/v1/namespaces/default/pods/p/nope",
        "/nope",
        "/api/v2/pods",
    ],
    ids=lambda path: path.strip("/").replace("/", "_"),
)
def test_unknown_path(server, see, path):
    """An unknown group is plain text, an unknown resource a Status."""
    see("get", server("GET", path))


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("PUT", "/api/v1/namespaces/default/pods"),
        ("POST", "/api/v1/namespaces/default/pods/p"),
        ("POST", "/api/v1/pods"),
        ("DELETE", "/api/v1/namespaces"),
        ("GET", "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"),
        ("POST", "/version"),
    ],
    ids=lambda value: value.strip("/").replace("/", "_"),
)
def test_method(server, see, method, path):
    """A method that a path hasn't got is 405."""
    see("answer", server(method, path, {} if method != "DELETE" else None))


@pytest.mark.parametrize(
    "accept",
    [
        "text/html",
        "application/vnd.kubernetes.protobuf;as=Nope;g=meta.k8s.io;v=v1",
        "*/*",
        "application/*",
        "text/plain, application/json",
        "application/json;as=Nope;g=meta.k8s.io;v=v1",
    ],
    ids=["html", "as-nope", "any", "application", "second", "json-as-nope"],
)
def test_accept(server, see, accept):
    """The media type is chosen from Accept; where nothing fits, 406."""
    path = "/api/v1/namespaces/kube-system/configmaps/kube-root-ca.crt"
    headers = {"Accept": accept}
    answer = server("GET", path, headers=headers)
    see("status", [answer.status, answer.headers["Content-Type"]])
    if answer.status != 200:
        see("refusal", answer)


def test_content_type(server, see):
    """A body of an unknown type is 415."""
    path = "/apis/batch/v1/namespaces/default/jobs"
    for kind in ("text/plain", "application/xml"):
        see(kind, server("POST", path, b"{}", headers={"Content-Type": kind}))


def test_patch_types(server, see):
    """A patch of an unknown type is 415 and lists the known ones."""
    path = "/apis/batch/v1/namespaces/default/jobs/nope"
    for kind in ("application/json", "text/plain"):
        see(kind, server("PATCH", path, b"{}", headers={"Content-Type": kind}))


@pytest.mark.parametrize(
    "body",
    [b"{", b"[]", b'"x"', b"", b"null", b'{"kind": "Job"}', b"kind: Job\n"],
    ids=["cut", "list", "string", "empty", "null", "bare", "yaml"],
)
def test_body(server, see, body):
    """What is no object is told apart, with the body in the message."""
    path = "/apis/batch/v1/namespaces/default/jobs?dryRun=All"
    headers = {"Content-Type": "application/json"}
    see("post", server("POST", path, body, headers=headers))


def test_yaml(space, see):
    """YAML comes in and goes out."""
    body = b"metadata: {name: a}\ndata: {a: b}\n"
    headers = {"Content-Type": "application/yaml", "Accept": "application/yaml"}
    answer = space("POST", "configmaps", body=body, headers=headers)
    see("status", [answer.status, answer.headers["Content-Type"]])
    lines = [line for line in answer.body.splitlines() if line[0] not in " -"]
    see("top level", lines)
    for value in ("y", "n", "yes", "off", "1", "1.0", "0x1", "2020-01-01", "~", "'y'"):
        text = f"metadata: {{name: b}}\ndata: {{a: {value}}}\n".encode()
        sent = {"Content-Type": "application/yaml"}
        answer = space(
            "POST", "configmaps", body=text, headers=sent, query="dryRun=All"
        )
        see(value, [answer.status, answer.body.get("message"), answer.body.get("data")])


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("kind", "Pod"),
        ("apiVersion", "v1"),
        ("kind", "Nope"),
        ("apiVersion", "batch/v2"),
    ],
    ids=["kind", "version", "unknown-kind", "unknown-version"],
)
def test_wrong_type(server, see, key, value):
    """An object of another kind than the path's is 400."""
    body = {"apiVersion": "batch/v1", "kind": "Job", **job("x", "true"), key: value}
    path = "/apis/batch/v1/namespaces/default/jobs?dryRun=All"
    answer = server("POST", path, body)
    see("post", [answer.status, answer.body])


def test_large_body(server, see):
    """More than three megabytes are 413."""
    body = {"metadata": {"name": "x"}, "data": {"a": "x" * 3_200_000}}
    answer = server("POST", "/api/v1/namespaces/default/configmaps", body)
    see("post", [answer.status, answer.body])


def test_discovery(server, see):
    """Discovery of what both sides have: names, verbs, short names."""
    for path, names in (
        ("/apis/batch/v1", {"jobs", "jobs/status"}),
        (
            "/api/v1",
            {
                *("pods", "pods/log", "pods/eviction", "pods/status", "secrets"),
                *("configmaps", "serviceaccounts", "serviceaccounts/token", "events"),
                *("namespaces", "persistentvolumeclaims", "resourcequotas", "nodes"),
            },
        ),
    ):
        listed = [
            {k: v for k, v in item.items() if k != "storageVersionHash"}
            for item in server("GET", path).body["resources"]
            if item["name"] in names
        ]
        see(path, sorted(listed, key=lambda item: item["name"]))


def test_health(server, see):
    """The health endpoints say ok as text."""
    for path in ("/healthz", "/readyz", "/livez"):
        see(path, server("GET", path))
