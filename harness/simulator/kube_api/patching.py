"""The patch types that the server takes, applied to one object."""

from typing import Any

from harness.simulator.kube_api import strategic_merge
from harness.simulator.kube_api.errors import ApiError, bad_request
from harness.simulator.kube_api.objects import Object, copy_json
from harness.simulator.kube_api.schema import Node

JSON_PATCH = "application/json-patch+json"
MERGE_PATCH = "application/merge-patch+json"
STRATEGIC_MERGE_PATCH = "application/strategic-merge-patch+json"
APPLY_PATCHES = ("application/apply-patch+yaml", "application/apply-patch+cbor")
ACCEPTED = (
    JSON_PATCH,
    MERGE_PATCH,
    STRATEGIC_MERGE_PATCH,
    *APPLY_PATCHES,
)


def apply(original: Object, patch: Any, content_type: str, node: Node) -> Object:
    """Return the patched object; raise the ApiError of the real server."""
    if content_type == JSON_PATCH:
        return _json_patch(original, patch)
    if not isinstance(patch, dict):
        raise bad_request(
            "json: cannot unmarshal array into Go value of type map[string]interface {}"
        )
    if content_type == MERGE_PATCH:
        merged: Object = merge(original, patch)
        return merged
    try:
        result: Object = strategic_merge.apply(original, patch, node)
    except strategic_merge.PatchError as problem:
        raise bad_request(str(problem)) from None
    return result


def merge(original: Any, patch: Any) -> Any:
    """Apply a JSON merge patch (RFC 7386)."""
    if not isinstance(patch, dict):
        return patch
    merged = dict(original) if isinstance(original, dict) else {}
    for key, value in patch.items():
        if value is None:
            merged.pop(key, None)
        else:
            merged[key] = merge(merged.get(key), value)
    return merged


def _json_patch(original: Object, patch: Any) -> Object:
    import jsonpatch  # not needed at start

    try:
        patched: Object = jsonpatch.apply_patch(copy_json(original), patch)
    except jsonpatch.InvalidJsonPatch as problem:
        raise bad_request(str(problem)) from None
    except (jsonpatch.JsonPatchException, jsonpatch.JsonPointerException) as problem:
        raise _unprocessable(str(problem)) from None
    return patched


def _unprocessable(problem: str) -> ApiError:
    return ApiError(
        422,
        "Invalid",
        "the server rejected our request due to an error in our request",
        details={
            "causes": [{"reason": "UnexpectedServerResponse", "message": problem}]
        },
    )
