"""What is asked of a cluster, in this order: reads, reviews and dry runs, no write."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from . import rights_needed
from .given import Given
from .model import Evidence
from .reader import Reader

REVIEWS = "/apis/authorization.k8s.io/v1"
SELF_ACCESS = f"{REVIEWS}/selfsubjectaccessreviews"
CLUSTER_WIDE = (("list", "", "nodes"),)


def collect(reader: Reader, given: Given) -> None:
    """Ask everything; what is refused or unanswered is evidence too."""
    if not reader.get("version", "/version").status:
        return
    review = "/apis/authentication.k8s.io/v1/selfsubjectreviews"
    who = _review("authentication.k8s.io", "SelfSubjectReview")
    if reader.review("whoami", review, who).status in (0, 401):
        return
    for step in (_namespace, _own_rights, _wrapper_rights, _content, _dry_runs):
        step(reader, given)


def _namespace(reader: Reader, given: Given) -> None:
    name = quote(given.namespace)
    reader.get("namespace", f"/api/v1/namespaces/{name}")
    reader.get("default account", f"{_core(given)}/serviceaccounts/default")


def _own_rights(reader: Reader, given: Given) -> None:
    asked = {
        right.key: right
        for right in (
            *rights_needed.LOOKING,
            *rights_needed.RUNNING,
            *rights_needed.DRY,
        )
    }
    for key, right in asked.items():
        _ask(reader, f"own:{key}", right.attributes(given.namespace))
    for verb, group, resource in CLUSTER_WIDE:
        attributes = {"verb": verb, "group": group, "resource": resource}
        _ask(reader, f"own:{verb} {resource}", attributes)


def _ask(
    reader: Reader, name: str, attributes: Mapping[str, str], user: str = ""
) -> Evidence:
    body = _review("authorization.k8s.io", "SelfSubjectAccessReview")
    body["spec"] = {"resourceAttributes": dict(attributes)}
    return reader.review(name, SELF_ACCESS, body, impersonate=user)


def _review(group: str, kind: str) -> dict[str, Any]:
    return {"apiVersion": f"{group}/v1", "kind": kind}


def _wrapper_rights(reader: Reader, given: Given) -> None:
    """The ladder: as the account; then by a review of it; then not at all."""
    wanted = [
        *rights_needed.NEEDED,
        *rights_needed.SECRETS,
        *rights_needed.OPTIONAL,
        *rights_needed.DESIGNED,
    ]
    local = f"{REVIEWS}/namespaces/{quote(given.namespace)}/localsubjectaccessreviews"
    way = "impersonated"
    for right in wanted:
        attributes = right.attributes(given.namespace)
        if way == "impersonated":
            one = _ask(reader, f"wrapper:{right.key}", attributes, given.account_user)
            if one.status == 403:
                way = "local"
        if way == "local":
            body = _review("authorization.k8s.io", "LocalSubjectAccessReview")
            body |= {
                "metadata": {"namespace": given.namespace},
                "spec": {
                    "user": given.account_user,
                    "groups": list(given.account_groups),
                    "resourceAttributes": attributes,
                },
            }
            one = reader.review(f"wrapper:{right.key}", local, body)
            if one.status == 403:
                return
    rules = _review("authorization.k8s.io", "SelfSubjectRulesReview")
    rules["spec"] = {"namespace": given.namespace}
    path = f"{REVIEWS}/selfsubjectrulesreviews"
    for name, user in (
        ("wrapper rules", given.account_user),
        ("worker rules", _worker_user(given)),
    ):
        reader.review(name, path, rules, impersonate=user)


def worker_account(given: Given) -> str:
    """The account that workers run as."""
    named = given.rendered.kubernetes.get("worker_service_account")
    return str(named or "default")


def _worker_user(given: Given) -> str:
    return f"system:serviceaccount:{given.namespace}:{worker_account(given)}"


def _core(given: Given) -> str:
    return f"/api/v1/namespaces/{quote(given.namespace)}"


def _content(reader: Reader, given: Given) -> None:
    core = _core(given)
    name = quote(given.namespace)
    rbac = f"/apis/rbac.authorization.k8s.io/v1/namespaces/{name}"
    for plural in (
        "serviceaccounts",
        "persistentvolumeclaims",
        "resourcequotas",
        "limitranges",
        "services",
        "pods",
    ):
        reader.get(plural, f"{core}/{plural}")
    reader.metadata("secrets", f"{core}/secrets")
    pull = "type=kubernetes.io/dockerconfigjson"
    reader.metadata("pull secrets", f"{core}/secrets?fieldSelector={quote(pull)}")
    reader.metadata("configmaps", f"{core}/configmaps")
    reader.get("jobs", f"/apis/batch/v1/namespaces/{name}/jobs")
    policies = f"/apis/networking.k8s.io/v1/namespaces/{name}/networkpolicies"
    reader.get("networkpolicies", policies)
    reader.get("roles", f"{rbac}/roles")
    reader.get("rolebindings", f"{rbac}/rolebindings")
    reader.get("nodes", "/api/v1/nodes")
    reader.get("storageclasses", "/apis/storage.k8s.io/v1/storageclasses")
    nodes = reader.journal.evidence["nodes"]
    if nodes.status == 200:
        reader.get("all pods", "/api/v1/pods")


def _dry_runs(reader: Reader, given: Given) -> None:
    core = _core(given)
    rendered = given.rendered
    if rendered.job:
        jobs = f"/apis/batch/v1/namespaces/{quote(given.namespace)}/jobs"
        reader.dry_run("dry:job", jobs, rendered.job)
        reader.dry_run("dry:pod", f"{core}/pods", rendered.pod)
    if rendered.secret is not None:
        reader.dry_run("dry:secret", f"{core}/secrets", rendered.secret)
    for claim in given.claims:
        name = claim["metadata"]["name"]
        # under a name of its own, for the real one may be there
        tried = {**claim, "metadata": {"name": f"{name}-{given.run_id}"}}
        reader.dry_run(f"dry:claim {name}", f"{core}/persistentvolumeclaims", tried)
