"""Validation of a pod's volumes."""

from collections.abc import Iterable

from harness.simulator.kube_api import field_errors as field
from harness.simulator.kube_api import quantity
from harness.simulator.kube_api.field_errors import FieldError
from harness.simulator.kube_api.objects import Object
from harness.simulator.kube_api.validation import names

_MODE = "must be a number between 0 and 0777 (octal), both inclusive"
_HOST_PATH_TYPES = (
    *("", "BlockDevice", "CharDevice", "Directory", "DirectoryOrCreate"),
    *("File", "FileOrCreate", "Socket"),
)
_PROJECTIONS = ("configMap", "downwardAPI", "secret", "serviceAccountToken")


def errors(volumes: list[Object], path: str) -> tuple[set[str], list[FieldError]]:
    """Return the names of the good volumes, and what is wrong with the others."""
    good: set[str] = set()
    found: list[FieldError] = []
    for index, volume in enumerate(volumes):
        here = f"{path}[{index}]"
        wrong = _source(volume, here)
        name = volume.get("name", "")
        if not name:
            wrong.append(field.required(f"{here}.name"))
        for text in names.dns_label(name) if name else ():
            wrong.append(field.invalid(f"{here}.name", name, text))
        if name in good:
            wrong.append(field.duplicate(f"{here}.name", name))
        if not wrong:
            good.add(name)
        found += wrong
    return good, found


def descending_path(value: str, path: str) -> list[FieldError]:
    """Return what is wrong with a path that must stay below its base."""
    absolute = value.startswith("/")
    found = [field.invalid(path, value, "must be a relative path")] if absolute else []
    return found + no_backsteps(value, path)


def no_backsteps(value: str, path: str) -> list[FieldError]:
    """Return the error of a path with a `..` in it."""
    if ".." in value.split("/"):
        return [field.invalid(path, value, "must not contain '..'")]
    return []


def _source(volume: Object, path: str) -> list[FieldError]:
    kinds = [key for key in volume if key != "name"]
    if not kinds:
        return [field.required(path, "must specify a volume type")]
    if len(kinds) > 1:
        text = "may not specify more than 1 volume type"
        return [field.forbidden(f"{path}.{kind}", text) for kind in kinds[1:]]
    kind, source = kinds[0], volume[kinds[0]]
    here = f"{path}.{kind}"
    if kind == "emptyDir":
        size = source.get("sizeLimit")
        if size is not None and quantity.parse(size).amount < 0:
            text = "SizeLimit field must be a valid resource quantity"
            return [field.forbidden(f"{here}.sizeLimit", text)]
    elif kind == "hostPath":
        return _host_path(source, here)
    elif kind == "persistentVolumeClaim":
        if not source.get("claimName"):
            return [field.required(f"{here}.claimName")]
    elif kind == "secret":
        missing = not source.get("secretName")
        found = [field.required(f"{here}.secretName")] if missing else []
        return found + _mode_and_items(source, here)
    elif kind == "configMap":
        missing = not source.get("name")
        found = [field.required(f"{here}.name")] if missing else []
        return found + _mode_and_items(source, here)
    elif kind == "projected":
        return _projected(source, here)
    elif kind == "downwardAPI":
        return _mode(source, "defaultMode", here)
    return []


def _host_path(source: Object, path: str) -> list[FieldError]:
    if not source.get("path"):
        return [field.required(f"{path}.path")]
    found = no_backsteps(source["path"], f"{path}.path")
    if source.get("type", "") not in _HOST_PATH_TYPES:
        found.append(
            field.not_supported(f"{path}.type", source["type"], _HOST_PATH_TYPES)
        )
    return found


def _projected(source: Object, path: str) -> list[FieldError]:
    found = _mode(source, "defaultMode", path)
    for index, item in enumerate(source.get("sources") or ()):
        here = f"{path}.sources[{index}]"
        kinds = [kind for kind in _PROJECTIONS if kind in item]
        for kind in kinds[1:]:
            text = "may not specify more than 1 volume type per source"
            found.append(field.forbidden(f"{here}.{kind}", text))
        for kind in kinds[:1]:
            part, below = item[kind], f"{here}.{kind}"
            if kind in ("secret", "configMap"):
                if not part.get("name"):
                    found.append(field.required(f"{below}.name"))
                found += _items(part.get("items") or (), below)
            elif kind == "serviceAccountToken":
                found += _token(part, below)
    return found


def _token(source: Object, path: str) -> list[FieldError]:
    found: list[FieldError] = []
    seconds = source.get("expirationSeconds", 3600)
    if seconds < 600:
        text = "may not specify a duration less than 10 minutes"
        found.append(field.invalid(f"{path}.expirationSeconds", seconds, text))
    if not source.get("path"):
        found.append(field.required(f"{path}.path"))
    return found


def _mode_and_items(source: Object, path: str) -> list[FieldError]:
    items = source.get("items") or ()
    return _mode(source, "defaultMode", path) + _items(items, path)


def _mode(source: Object, key: str, path: str) -> list[FieldError]:
    mode = source.get(key)
    if mode is None or 0 <= mode <= 0o777:
        return []
    return [field.invalid(f"{path}.{key}", mode, _MODE)]


def _items(items: Iterable[Object], path: str) -> list[FieldError]:
    found: list[FieldError] = []
    for index, item in enumerate(items):
        here = f"{path}.items[{index}]"
        for key in ("key", "path"):
            if not item.get(key):
                found.append(field.required(f"{here}.{key}"))
        value = item.get("path", "")
        found += descending_path(value, f"{here}.path")
        if value.startswith("..") and not value.startswith("../"):
            text = "must not start with '..'"
            found.append(field.invalid(f"{here}.path", value, text))
        found += _mode(item, "mode", here)
    return found
