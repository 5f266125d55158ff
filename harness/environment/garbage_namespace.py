"""What a killed ``kubeconfig`` run left in the namespace that it was given.

The harness's own objects have the run's label and its id in their names. A wrapper's
don't: they carry the ENVIRONMENT that it was given, or mount the run's claims, or run
under its account; and what these own, or alone refer to, is theirs. Whatever isn't so
found is somebody else's.
"""

import contextlib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from ..errors import EnvironmentMissing
from ..standin.run_record import RunRecord
from . import kubeconfig
from .kube_api import KubeApi, KubeRefused
from .kubeconfig_access import access_of
from .patience import CLEAN_UP
from .pod_objects import RUN_LABEL

KINDS = (
    *("Job", "Pod", "Secret", "ConfigMap", "PersistentVolumeClaim"),
    *("RoleBinding", "Role", "ServiceAccount"),
)
"""In the order in which they go: those that use others first."""
CONFLICT = 409
"""Another object has the name now."""
Object = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class Thing:
    """Something that a run made."""

    kind: str
    name: str
    run_id: str
    remove: Callable[[], object]


def left_by(record: RunRecord) -> list[Thing]:
    """What a dead run has left in a namespace, if it was given one.

    :raises EnvironmentMissing: nobody can look, and why
    """
    where = record.places.get(kubeconfig.NAME)
    if not where:
        return []
    namespace = where["namespace"]
    access = access_of(Path(where["kubeconfig"]), where["context"])
    again = f"If it is gone for good: rm {record.file}"
    if access.url != where["server"]:
        raise EnvironmentMissing(
            f"Run {record.run_id} was in {namespace} of {where['server']}, but "
            f"{where['kubeconfig']} names {access.url} now.",
            again,
        )
    api = KubeApi(access)
    try:
        listed = [
            {**one, "kind": kind} for kind in KINDS for one in api.list(kind, namespace)
        ]
    except (KubeRefused, EnvironmentMissing) as error:
        raise EnvironmentMissing(f"Run {record.run_id}: {error}", again) from error
    return [
        Thing(
            kind=str(one["kind"]),
            name=f"{namespace}/{one['metadata']['name']}",
            run_id=record.run_id,
            remove=partial(_remove, api, one, namespace),
        )
        for one in made_by(listed, record.run_id)
    ]


def _remove(api: KubeApi, found: Object, namespace: str) -> None:
    """Delete the very object that was looked at, not one that has its name since."""
    meta = found["metadata"]
    options: dict[str, Any] = {"preconditions": {"uid": meta["uid"]}}
    if found["kind"] == "Pod":
        options["gracePeriodSeconds"] = 1
    if "deletionTimestamp" in meta:
        return
    try:
        api.delete(str(found["kind"]), meta["name"], namespace, **options)
    except KubeRefused as error:
        if error.status != CONFLICT:
            raise


def settle(record: RunRecord) -> None:
    """Wait until nothing is left; a wrapper may have made more before its pod went.

    :raises EnvironmentMissing: it doesn't go, or can't be seen any more
    """

    def look() -> tuple[bool | None, str]:
        left = left_by(record)
        for thing in left:
            with contextlib.suppress(KubeRefused):
                thing.remove()
        return (None if left else True), ", ".join(one.name for one in left)

    CLEAN_UP.wait(f"what run {record.run_id} left to go", look)


def made_by(objects: Iterable[Object], run_id: str) -> list[Object]:
    """Those of a namespace's objects that a run made, or the wrappers in it."""
    everything = list(objects)
    found = {_uid(one): one for one in everything if _is_ours(one, run_id)}
    began = min((_created(one) for one in found.values()), default="")
    workers = [one for one in everything if _is_worker(one, run_id)]
    found.update((_uid(one), one) for one in workers)
    began = began or min((_created(one) for one in workers), default="")
    while owned := [
        one
        for one in everything
        if _uid(one) not in found and _owners(one) & set(found)
    ]:
        found.update((_uid(one), one) for one in owned)
    others = [one for one in everything if _uid(one) not in found]
    used_elsewhere = {name for one in others for name in _named(one)}
    used = {name for one in found.values() for name in _named(one)} - used_elsewhere
    for one in others:
        named = (one["kind"], one["metadata"]["name"]) in used
        if named and not _owners(one) and _created(one) >= began:
            found[_uid(one)] = one
    return [one for one in everything if _uid(one) in found]


def _is_ours(one: Object, run_id: str) -> bool:
    """Whether the harness made it; a copy of it has another name."""
    meta = one["metadata"]
    label = (meta.get("labels") or {}).get(RUN_LABEL)
    return label == run_id and run_id in meta["name"].split("-")


def _is_worker(one: Object, run_id: str) -> bool:
    """Whether a wrapper of the run made it."""
    labels = one["metadata"].get("labels") or {}
    environment = rf".*-{run_id}-[0-9]+_worker"
    if re.fullmatch(environment, str(labels.get("app", ""))):
        return True
    spec = _pod_spec(one)
    names = [str(spec.get("serviceAccountName", ""))]
    names += [
        str((volume.get("persistentVolumeClaim") or {}).get("claimName", ""))
        for volume in spec.get("volumes") or ()
    ]
    return any(name.endswith(f"-{run_id}") for name in names)


def _pod_spec(one: Object) -> Mapping[str, Any]:
    spec: Mapping[str, Any] = one.get("spec") or {}
    if one["kind"] == "Job":
        return (spec.get("template") or {}).get("spec") or {}
    return spec if one["kind"] == "Pod" else {}


def _named(one: Object) -> Iterator[tuple[str, str]]:
    """Secrets and ConfigMaps that a pod refers to."""
    spec = _pod_spec(one)
    for volume in spec.get("volumes") or ():
        if "secret" in volume:
            yield "Secret", str(volume["secret"].get("secretName"))
        if "configMap" in volume:
            yield "ConfigMap", str(volume["configMap"].get("name"))
    for container in spec.get("containers") or ():
        for source in container.get("envFrom") or ():
            yield from _referred(source, "Ref")
        for variable in container.get("env") or ():
            yield from _referred(variable.get("valueFrom") or {}, "KeyRef")


def _referred(source: Mapping[str, Any], ending: str) -> Iterator[tuple[str, str]]:
    for key, kind in (("secret", "Secret"), ("configMap", "ConfigMap")):
        if f"{key}{ending}" in source:
            yield kind, str(source[f"{key}{ending}"].get("name"))


def _uid(one: Object) -> str:
    return str(one["metadata"]["uid"])


def _owners(one: Object) -> set[str]:
    owners = one["metadata"].get("ownerReferences") or ()
    return {str(owner["uid"]) for owner in owners}


def _created(one: Object) -> str:
    """RFC 3339 in UTC, by the server's clock: later is greater."""
    return str(one["metadata"].get("creationTimestamp", ""))
