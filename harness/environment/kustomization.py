"""Folders of manifests as ``kubectl kustomize`` renders them, as far as ours need it.

Resources, a namespace, images, replicas and JSON patches. Whatever else it says is
refused, so that nothing is rendered that kubectl would render in another way.
"""

import copy
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import jsonpatch
import yaml

from ..errors import UsageError

Object = dict[str, Any]
FILE = "kustomization.yaml"
_KEYS = {
    *("apiVersion", "kind", "resources", "namespace", "images", "patches", "replicas"),
}
_CLUSTER_WIDE = {"Namespace", "ClusterRole", "ClusterRoleBinding", "PersistentVolume"}
_SCALED = {"Deployment", "StatefulSet", "ReplicaSet", "ReplicationController"}
_FIRST = (
    *("Namespace", "ResourceQuota", "StorageClass", "CustomResourceDefinition"),
    *("ServiceAccount", "Role", "ClusterRole", "RoleBinding", "ClusterRoleBinding"),
    *("ConfigMap", "Secret", "Endpoints", "Service", "LimitRange", "PriorityClass"),
    *("PersistentVolume", "PersistentVolumeClaim", "Deployment", "StatefulSet"),
    *("CronJob", "PodDisruptionBudget"),
)
"""What is applied before what needs it; kubectl's own order."""


def render(folder: Path) -> list[Object]:
    """Every object of a kustomization, in the order in which they are written.

    :raises UsageError: a file isn't there, is broken, or says what isn't known here
    """
    path = folder / FILE
    content = _documents(path)[0]
    _refuse(path, set(content) - _KEYS)
    objects: list[Object] = []
    for name in content.get("resources") or ():
        source = folder / name
        objects += render(source) if source.is_dir() else _documents(source)
    for patch in content.get("patches") or ():
        objects = _patched(objects, patch, path)
    if content.get("namespace"):
        objects = in_namespace(objects, content["namespace"])
    for image in content.get("images") or ():
        _refuse(path, set(image) - {"name", "newName", "newTag"})
        name = image.get("newName") or image["name"]
        tag = f":{image['newTag']}" if "newTag" in image else ""
        objects = with_image(objects, image["name"], f"{name}{tag}")
    for one in content.get("replicas") or ():
        objects = _with_replicas(objects, one["name"], one["count"])
    return objects


def _with_replicas(objects: list[Object], name: str, count: int) -> list[Object]:
    changed = copy.deepcopy(objects)
    for one in changed:
        if one["kind"] in _SCALED and one["metadata"]["name"] == name:
            one["spec"]["replicas"] = count
    return changed


def _refuse(path: Path, other: set[str]) -> None:
    if other:
        raise UsageError(
            f"{path}: {', '.join(sorted(other))}: only resources, namespace, images, "
            "replicas and JSON patches are known here.",
            "Render it with `kubectl kustomize`, or keep to those.",
        )


def _documents(path: Path) -> list[Any]:
    try:
        return [one for one in yaml.safe_load_all(path.read_text("utf-8")) if one]
    except (OSError, yaml.YAMLError) as error:
        raise UsageError(f"{path}: {error}", "Mend the manifest.") from error


def _patched(
    objects: Iterable[Object], patch: Mapping[str, Any], path: Path
) -> list[Object]:
    target = patch.get("target") or {}
    _refuse(
        path, set(patch) - {"target", "patch", "path"} | set(target) - {"kind", "name"}
    )
    if "path" in patch:
        steps = _documents(path.parent / patch["path"])[0]
    else:
        steps = yaml.safe_load(patch["patch"])
    if not isinstance(steps, list):
        _refuse(path, {"a strategic merge patch"})
    found, changed = False, []
    for one in objects:
        fits = one["kind"] == target.get("kind", one["kind"]) and (
            one["metadata"]["name"] == target.get("name", one["metadata"]["name"])
        )
        found = found or fits
        try:
            changed.append(jsonpatch.apply_patch(one, steps) if fits else one)
        except jsonpatch.JsonPatchException as error:
            raise UsageError(
                f"{path}: the patch of {target} doesn't fit: {error}", "Mend the patch."
            ) from error
    if not found:
        raise UsageError(
            f"{path}: a patch is for {target}, which there is not.",
            "Name a kind, or a kind and a name, of its resources.",
        )
    return changed


def in_namespace(objects: Iterable[Object], namespace: str) -> list[Object]:
    """The objects in one namespace, whatever they said: subjects of bindings too."""
    changed = copy.deepcopy(list(objects))
    accounts = {
        one["metadata"]["name"] for one in changed if one["kind"] == "ServiceAccount"
    }
    for one in changed:
        if one["kind"] == "Namespace":
            one["metadata"]["name"] = namespace
        elif one["kind"] not in _CLUSTER_WIDE:
            one["metadata"]["namespace"] = namespace
        for subject in one.get("subjects") or ():
            if subject["kind"] == "ServiceAccount" and subject["name"] in accounts:
                subject["namespace"] = namespace
    return changed


def with_image(objects: Iterable[Object], name: str, image: str) -> list[Object]:
    """The objects with another image wherever a container has the named one."""
    changed = copy.deepcopy(list(objects))
    for one in changed:
        template = (one.get("spec") or {}).get("template") or {}
        for container in (template.get("spec") or {}).get("containers") or ():
            if _name_of(container["image"]) == name:
                container["image"] = image
    return changed


def _name_of(image: str) -> str:
    """An image without its tag or digest; a registry may have a port."""
    bare = image.partition("@")[0]
    before, colon, tag = bare.rpartition(":")
    return before if colon and "/" not in tag else bare


def in_order(objects: Sequence[Object]) -> list[Object]:
    """So that what another object needs is applied before it, as kubectl does."""

    def place(one: Object) -> tuple[int, str, str]:
        kind = one["kind"]
        first = _FIRST.index(kind) if kind in _FIRST else len(_FIRST)
        return first, kind, one["metadata"]["name"]

    return sorted(objects, key=place)


def dumped(objects: Iterable[Object]) -> str:
    """As YAML documents, to be piped into ``kubectl apply -f -``."""
    return yaml.safe_dump_all(objects, sort_keys=True, width=1000, allow_unicode=True)
