"""Secrets and ConfigMaps: keys, sizes, types, and what `immutable` forbids."""

import base64
from collections.abc import Mapping

from harness.simulator.kube_api import field_errors as field
from harness.simulator.kube_api.objects import Object
from harness.simulator.kube_api.strategy import FieldErrors, Strategy
from harness.simulator.kube_api.validation import names

_LIMIT = 1024 * 1024
_REQUIRED_KEYS: Mapping[str, tuple[str, ...]] = {
    "kubernetes.io/dockerconfigjson": (".dockerconfigjson",),
    "kubernetes.io/dockercfg": (".dockercfg",),
    "kubernetes.io/ssh-auth": ("ssh-privatekey",),
    "kubernetes.io/tls": ("tls.crt", "tls.key"),
}


def _default_secret(secret: Object) -> None:
    secret.setdefault("type", "Opaque")


def _join_string_data(secret: Object) -> None:
    for key, text in (secret.pop("stringData", None) or {}).items():
        encoded = base64.b64encode(text.encode()).decode()
        secret.setdefault("data", {})[key] = encoded


def _validate_secret(secret: Object) -> FieldErrors:
    data: Mapping[str, str] = secret.get("data") or {}
    found = _keys(data, "data")
    if sum(len(base64.b64decode(value)) for value in data.values()) > _LIMIT:
        found.append(field.too_long("data", _LIMIT))
    for key in _REQUIRED_KEYS.get(secret["type"], ()):
        if key not in data:
            found.append(field.required(f"data[{key}]"))
    return found


def _validate_config_map(config_map: Object) -> FieldErrors:
    data: Mapping[str, str] = config_map.get("data") or {}
    binary: Mapping[str, str] = config_map.get("binaryData") or {}
    found = _keys(data, "data") + _keys(binary, "binaryData")
    size = sum(len(value.encode()) for value in data.values())
    size += sum(len(base64.b64decode(value)) for value in binary.values())
    if size > _LIMIT:
        found.append(field.too_long("", _LIMIT))
    return found


def _keys(data: Mapping[str, str], path: str) -> FieldErrors:
    return [
        field.invalid(f"{path}[{key}]", key, text)
        for key in data
        for text in names.config_key(key)
    ]


def _immutable(new: Object, old: Object) -> FieldErrors:
    found: FieldErrors = []
    if "type" in old and new.get("type") != old["type"]:
        found.append(field.invalid("type", new.get("type"), "field is immutable"))
    if not old.get("immutable"):
        return found
    text = "field is immutable when `immutable` is set"
    if not new.get("immutable"):
        found.append(field.forbidden("immutable", text))
    for key in ("data", "binaryData"):
        if new.get(key) != old.get(key):
            found.append(field.forbidden(key, text))
    return found


def _prepare_secret_update(new: Object, _old: Object) -> None:
    _join_string_data(new)


SECRETS = Strategy(
    default=_default_secret,
    prepare_create=_join_string_data,
    prepare_update=_prepare_secret_update,
    validate=_validate_secret,
    validate_update=_immutable,
)
CONFIG_MAPS = Strategy(validate=_validate_config_map, validate_update=_immutable)
