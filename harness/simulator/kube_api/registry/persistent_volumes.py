"""PersistentVolumes, their claims and StorageClasses."""

from harness.simulator.kube_api import field_errors as field
from harness.simulator.kube_api import quantity
from harness.simulator.kube_api.objects import Object
from harness.simulator.kube_api.strategy import FieldErrors, Strategy
from harness.simulator.kube_api.validation import names

_MODES = ("ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod")
_BINDING_MODES = ("Immediate", "WaitForFirstConsumer")
_RECLAIM = ("Delete", "Recycle", "Retain")
SOURCES = ("hostPath", "local")
"""Where a PersistentVolume may lie; the others (nfs, csi, …) are refused."""
_PV_FIELDS = (
    *("accessModes", "capacity", "claimRef", "mountOptions", "nodeAffinity"),
    *("persistentVolumeReclaimPolicy", "storageClassName", "volumeMode"),
    "volumeAttributesClassName",
)


def _default_claim(claim: Object) -> None:
    spec = claim.setdefault("spec", {})
    spec.setdefault("volumeMode", "Filesystem")
    spec.setdefault("resources", {})


def _prepare_claim(claim: Object) -> None:
    claim["status"] = {"phase": "Pending"}


def _validate_claim(claim: Object) -> FieldErrors:
    spec = claim["spec"]
    found = _modes(spec, "spec.accessModes")
    requests = spec["resources"].get("requests") or {}
    where = "spec.resources[storage]"
    if "storage" not in requests:
        found.append(field.required(where))
    elif quantity.parse(requests["storage"]).amount <= 0:
        text = "must be greater than zero"
        found.append(field.invalid(where, requests["storage"], text))
    name = spec.get("storageClassName")
    for text in names.dns_subdomain(name) if name else ():
        found.append(field.invalid("spec.storageClassName", name, text))
    return found


def _claim_update(new: Object, old: Object) -> FieldErrors:
    after, before = dict(new["spec"]), dict(old["spec"])
    resources = after.pop("resources"), before.pop("resources")
    found: FieldErrors = []
    # the binder's own write of volumeName is the one change a bound claim sees
    if not before.get("volumeName"):
        for spec in (after, before):
            spec.pop("volumeName", None)
    if after != before:
        text = (
            "spec is immutable after creation except resources.requests and "
            "volumeAttributesClassName for bound claims"
        )
        found.append(field.forbidden("spec", text))
    asked, earlier = (
        quantity.parse((r.get("requests") or {}).get("storage", "0")) for r in resources
    )
    if asked.amount < earlier.amount:
        text = "field can not be less than status.capacity"
        found.append(field.forbidden("spec.resources.requests.storage", text))
    return found


def _unmodelled_claim(claim: Object) -> list[str]:
    spec = claim["spec"]
    keys = ("dataSource", "dataSourceRef", "volumeAttributesClassName")
    found = [f"spec.{key}" for key in keys if key in spec]
    if spec.get("volumeMode") == "Block":
        found.append("spec.volumeMode")
    return found


def _default_volume(volume: Object) -> None:
    spec = volume.setdefault("spec", {})
    spec.setdefault("persistentVolumeReclaimPolicy", "Retain")
    spec.setdefault("volumeMode", "Filesystem")
    if "hostPath" in spec:
        spec["hostPath"].setdefault("type", "")


def _prepare_volume(volume: Object) -> None:
    volume["status"] = {"phase": "Pending"}


def _validate_volume(volume: Object) -> FieldErrors:
    spec = volume["spec"]
    found: FieldErrors = []
    if not spec.get("accessModes"):
        found.append(field.required("spec.accessModes"))
    found += _modes(spec, "spec.accessModes")
    capacity = spec.get("capacity") or {}
    if not capacity:
        found.append(field.required("spec.capacity"))
    elif set(capacity) != {"storage"}:
        found.append(field.not_supported("spec.capacity", capacity, ("storage",)))
    if not [key for key in spec if key not in _PV_FIELDS]:
        found.append(field.required("spec", "must specify a volume type"))
    if spec["persistentVolumeReclaimPolicy"] not in _RECLAIM:
        where, value = "spec.persistentVolumeReclaimPolicy", spec
        policy = value["persistentVolumeReclaimPolicy"]
        found.append(field.not_supported(where, policy, _RECLAIM))
    if "local" in spec and "nodeAffinity" not in spec:
        text = "Local volume requires node affinity"
        found.append(field.required("metadata.annotations", text))
    return found


def _unmodelled_volume(volume: Object) -> list[str]:
    spec = volume["spec"]
    found = [f"spec.{k}" for k in spec if k not in _PV_FIELDS and k not in SOURCES]
    if spec.get("volumeMode") == "Block":
        found.append("spec.volumeMode")
    return found


def _modes(spec: Object, path: str) -> FieldErrors:
    modes = spec.get("accessModes") or []
    if not modes and path == "spec.accessModes" and "capacity" not in spec:
        return [field.required(path, "at least 1 access mode is required")]
    found = [
        field.not_supported(path, mode, _MODES) for mode in modes if mode not in _MODES
    ]
    if "ReadWriteOncePod" in modes and len(modes) > 1:
        text = "may not use ReadWriteOncePod with other access modes"
        found.append(field.forbidden(path, text))
    return found


def _default_class(storage_class: Object) -> None:
    storage_class.setdefault("reclaimPolicy", "Delete")
    storage_class.setdefault("volumeBindingMode", "Immediate")


def _validate_class(storage_class: Object) -> FieldErrors:
    found: FieldErrors = []
    if not storage_class.get("provisioner"):
        found.append(field.required("provisioner"))
    mode = storage_class["volumeBindingMode"]
    if mode not in _BINDING_MODES:
        found.append(field.not_supported("volumeBindingMode", mode, _BINDING_MODES))
    return found


def _class_update(new: Object, old: Object) -> FieldErrors:
    text = "updates to {} are forbidden."
    return [
        field.forbidden(key, text.format(key))
        for key in ("parameters", "provisioner", "reclaimPolicy")
        if new.get(key) != old.get(key)
    ]


CLAIMS = Strategy(
    default=_default_claim,
    prepare_create=_prepare_claim,
    validate=_validate_claim,
    validate_update=_claim_update,
    unmodelled=_unmodelled_claim,
)
VOLUMES = Strategy(
    default=_default_volume,
    prepare_create=_prepare_volume,
    validate=_validate_volume,
    unmodelled=_unmodelled_volume,
)
CLASSES = Strategy(
    default=_default_class, validate=_validate_class, validate_update=_class_update
)
