"""A namespace of the validation's own, with the manifests' objects but no wrapper."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from ..environment import manifests
from ..environment.in_cluster import in_namespace
from ..environment.kube_api import path_of
from ..errors import EnvironmentMissing
from .model import Evidence, Made
from .reader import Reader
from .untouched import RUN_LABEL

KINDS = ("ServiceAccount", "Role", "RoleBinding", "PersistentVolumeClaim")


def create(reader: Reader, name: str, run_id: str) -> None:
    """Make it, and note it.

    :raises EnvironmentMissing: refused, and why
    """
    labels = {RUN_LABEL: run_id}
    namespace = {
        "apiVersion": "v1",
        "kind": "Namespace",
        "metadata": {"name": name, "labels": labels},
    }
    _make(reader, namespace, "")
    base = manifests.base()
    for kind in KINDS:
        for found in manifests.of_kind(base, kind):
            body = dict(in_namespace(found, name))
            own = {**(body["metadata"].get("labels") or {}), **labels}
            body["metadata"] = {**body["metadata"], "labels": own}
            _make(reader, body, name)


def _make(reader: Reader, body: Mapping[str, Any], namespace: str) -> None:
    kind, name = body["kind"], body["metadata"]["name"]
    one = reader.call(
        f"made:{kind} {name}", "POST", path_of(kind, namespace), body=body
    )
    if one.status not in (200, 201):
        raise EnvironmentMissing(
            f"--create-namespace: {kind} {name}: {one.status}: {one.error}",
            "Let a cluster admin create the namespace, and leave the option away.",
        )
    if kind == "Namespace":
        made = Made(kind=kind, name=name, uid=one.body["metadata"]["uid"], gone=False)
        reader.journal.made[made.uid] = made
        reader.journal.note("made", made)


def delete(reader: Reader, name: str) -> Evidence:
    """Delete it, with all that is in it."""
    path = f"{path_of('Namespace')}/{quote(name)}"
    body = {"propagationPolicy": "Background"}
    return reader.call(f"deleted:{name}", "DELETE", path, body=body)
