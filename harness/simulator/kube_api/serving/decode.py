"""From a request's body to an object of the kind that the path takes."""

from typing import Any

from harness.simulator.kube_api import errors, schema
from harness.simulator.kube_api import field_errors as field
from harness.simulator.kube_api.decoding import DecodeError, Decoder
from harness.simulator.kube_api.objects import Object
from harness.simulator.kube_api.resources import kind_key
from harness.simulator.kube_api.serving import content
from harness.simulator.kube_api.serving.call import Call

_VALIDATIONS = ("", "Ignore", "Strict", "Warn")


async def body_of(call: Call, *, group: str, version: str, kind: str) -> Object:
    """Read and decode the body of a create or update."""
    raw = await call.request.read()
    parsed = content.parse_body(raw, call.request.headers.get("Content-Type", ""), kind)
    return to_object(call, parsed, group=group, version=version, kind=kind)


def to_object(
    call: Call, parsed: Any, *, group: str, version: str, kind: str
) -> Object:
    """Return the object; unknown fields become warnings or an error."""
    api_version = f"{group}/{version}" if group else version
    _check_type(parsed, api_version, kind)
    decoder = Decoder()
    try:
        clean = decoder.decode(parsed, schema.of_kind(kind_key(group, version, kind)))
    except DecodeError as problem:
        raise errors.bad_request(
            f'{kind} in version "{version}" cannot be handled as a {kind}: {problem}'
        ) from None
    _report_unknown(call, decoder.unknown, kind, version)
    clean.pop("kind", None)
    clean.pop("apiVersion", None)
    metadata = clean.pop("metadata", {})
    metadata.pop("managedFields", None)
    return {"kind": kind, "apiVersion": api_version, "metadata": metadata, **clean}


def _check_type(parsed: Object, api_version: str, kind: str) -> None:
    given_version = parsed.get("apiVersion") or api_version
    given_kind = parsed.get("kind") or kind
    if (given_version, given_kind) == (api_version, kind):
        return
    short = str(given_version).rpartition("/")[2]
    raise errors.bad_request(
        f'{given_kind} in version "{short}" cannot be handled as a {kind}: no kind '
        f'"{given_kind}" is registered for version "{given_version}" in scheme '
        '"pkg/runtime/scheme.go:110"'
    )


def _report_unknown(call: Call, unknown: list[str], kind: str, version: str) -> None:
    validation = call.query.get("fieldValidation", "")
    if validation not in _VALIDATIONS:
        options = {"POST": "CreateOptions", "PUT": "UpdateOptions"}
        raise errors.invalid(
            "meta.k8s.io",
            options.get(call.request.method, "PatchOptions"),
            "",
            [field.not_supported("fieldValidation", validation, _VALIDATIONS)],
        )
    texts = [f'unknown field "{path}"' for path in unknown]
    if not texts or validation == "Ignore":
        return
    if validation == "Strict":
        raise errors.bad_request(
            f'{kind} in version "{version}" cannot be handled as a {kind}: strict '
            f"decoding error: {', '.join(texts)}"
        )
    call.warnings += texts
