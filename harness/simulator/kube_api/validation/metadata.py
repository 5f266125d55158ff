"""Validation of `metadata`, the same for every kind."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from harness.simulator.kube_api import field_errors as field
from harness.simulator.kube_api.field_errors import FieldError
from harness.simulator.kube_api.objects import (
    Object,
    annotations_of,
    finalizers_of,
    is_deleting,
    labels_of,
    meta,
    name_of,
    owners_of,
)
from harness.simulator.kube_api.validation import names

_ANNOTATIONS_LIMIT = 256 * 1024
_IMMUTABLE = ("name", "namespace", "uid", "creationTimestamp")


def errors(obj: Object, name_errors: Iterable[str]) -> list[FieldError]:
    """Return what is wrong with an object's metadata; its name was checked before."""
    path = "metadata"
    found: list[FieldError] = []
    if not name_of(obj):
        text = "name or generateName is required"
        found.append(field.required(f"{path}.name", text))
    else:
        found += [field.invalid(f"{path}.name", name_of(obj), e) for e in name_errors]
    found += labels(labels_of(obj), f"{path}.labels")
    found += annotations(annotations_of(obj), f"{path}.annotations")
    found += _owners(owners_of(obj), f"{path}.ownerReferences")
    for index, finalizer in enumerate(finalizers_of(obj)):
        found += _finalizer(finalizer, f"{path}.finalizers", index)
    return found


def update_errors(new: Object, old: Object) -> list[FieldError]:
    """Return which metadata must not change, or not this way."""
    path = "metadata"
    found: list[FieldError] = []
    if is_deleting(old):
        extra = sorted(set(finalizers_of(new)) - set(finalizers_of(old)))
        if extra:
            listed = ", ".join(json.dumps(item) for item in extra)
            found.append(
                field.forbidden(
                    f"{path}.finalizers",
                    "no new finalizers can be added if the object is being deleted, "
                    f"found new finalizers []string{{{listed}}}",
                )
            )
    for key in _IMMUTABLE:
        value, before = meta(new).get(key), meta(old).get(key)
        if value != before:
            text = "field is immutable"
            found.append(field.invalid(f"{path}.{key}", value or "", text))
    return found


def labels(values: Mapping[str, str], path: str) -> list[FieldError]:
    """Return what is wrong with labels (also of a template or nodeSelector)."""
    found: list[FieldError] = []
    for key, value in values.items():
        found += [field.invalid(path, key, text) for text in names.qualified_name(key)]
        found += [field.invalid(path, value, text) for text in names.label_value(value)]
    return found


def annotations(values: Mapping[str, str], path: str) -> list[FieldError]:
    """Return what is wrong with annotations: keys, and 256 KiB for all."""
    found: list[FieldError] = []
    for key in values:
        texts = names.qualified_name(key.lower())
        found += [field.invalid(path, key, text) for text in texts]
    size = sum(len(k.encode()) + len(v.encode()) for k, v in values.items())
    if size > _ANNOTATIONS_LIMIT:
        found.append(field.too_long(path, _ANNOTATIONS_LIMIT))
    return found


def _owners(owners: list[Object], path: str) -> list[FieldError]:
    found: list[FieldError] = []
    controllers: list[str] = []
    for owner in owners:
        if not owner.get("apiVersion"):
            text = "version must not be empty"
            found.append(field.invalid(f"{path}.apiVersion", "", text))
        for key in ("kind", "name", "uid"):
            if not owner.get(key):
                found.append(field.invalid(f"{path}.{key}", "", "must not be empty"))
        if owner.get("kind") == "Event" and owner.get("apiVersion") == "v1":
            text = "/v1, Kind=Event is disallowed from being an owner"
            found.append(field.invalid(path, owner, text))
        if owner.get("controller"):
            controllers.append(f"{owner.get('kind')}/{owner.get('name')}")
    for other in controllers[1:]:
        text = (
            'Only one reference can have Controller set to true. Found "true" in '
            f"references for {controllers[0]} and {other}"
        )
        found.append(field.invalid(path, _go_owners(owners), text))
    return found


def _finalizer(value: str, path: str, index: int) -> list[FieldError]:
    texts = names.qualified_name(value)
    found = [field.invalid(path, value, text) for text in texts]
    if "/" not in value and value not in ("orphan", "foregroundDeletion", "kubernetes"):
        text = "name is neither a standard finalizer name nor is it fully qualified"
        found.append(field.invalid(f"{path}[{index}]", value, text))
    return found


def _go_owners(owners: list[Object]) -> list[dict[str, Any]]:
    order = (
        *("apiVersion", "kind", "name", "uid"),
        *("controller", "blockOwnerDeletion"),
    )
    return [{key: owner[key] for key in order if key in owner} for owner in owners]
