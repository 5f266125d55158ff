"""Strategic merge patch: a merge patch that knows by which key lists are merged.

Follows apimachinery's `util/strategicpatch`. Directives: `$patch` (replace, delete),
`$retainKeys`, `$deleteFromPrimitiveList/x`, `$setElementOrder/x`.
"""

from typing import Any

from harness.simulator.kube_api.schema import Node

_DELETE_PRIMITIVE = "$deleteFromPrimitiveList/"
_ORDER = "$setElementOrder/"


class PatchError(ValueError):
    """The patch can't be applied; the message says why."""


def apply(original: dict[str, Any], patch: dict[str, Any], node: Node) -> Any:
    """Return the patched object; `node` is the field tree of `original`."""
    return _merge_map(original, patch, node)


def _merge_map(
    original: dict[str, Any], patch: dict[str, Any], node: Node | None
) -> dict[str, Any]:
    directive = patch.get("$patch")
    if directive == "replace":
        kept: dict[str, Any] = _stripped(patch)
        return kept
    if directive == "delete":
        return {}
    if directive not in (None, "merge"):
        raise PatchError(f"unknown patch type found: {directive}")
    merged = dict(original)
    if "$retainKeys" in patch:
        kept = patch["$retainKeys"]
        merged = {key: value for key, value in merged.items() if key in kept}
    for key, value in patch.items():
        if key.startswith("$") and "/" not in key:
            continue
        if key.startswith(_DELETE_PRIMITIVE):
            field = key[len(_DELETE_PRIMITIVE) :]
            left = [item for item in merged.get(field, ()) if item not in value]
            merged[field] = left
        elif key.startswith(_ORDER):
            continue
        elif value is None:
            merged.pop(key, None)
        else:
            merged[key] = _merge_value(
                merged.get(key), value, _field(node, key), patch.get(_ORDER + key)
            )
    for key, order in patch.items():
        field = key[len(_ORDER) :]
        if key.startswith(_ORDER) and field not in patch and field in merged:
            merged[field] = _ordered(merged[field], order, _field(node, field))
    return merged


def _field(node: Node | None, key: str) -> Node | None:
    if node is None:
        return None
    return node.properties.get(key) or node.values


def _merge_value(original: Any, value: Any, node: Node | None, order: Any) -> Any:
    strategies = node.merge_strategies if node else frozenset()
    if isinstance(value, dict):
        if isinstance(original, dict) and "replace" not in strategies:
            return _merge_map(original, value, node)
        return _merge_map({}, value, node)
    if isinstance(value, list) and "merge" in strategies:
        merged = _merge_list(original or [], value, node)
        return merged if order is None else _ordered(merged, order, node)
    return _stripped(value)


def _merge_list(original: list[Any], patch: list[Any], node: Node | None) -> list[Any]:
    if any(
        isinstance(item, dict) and item.get("$patch") == "replace" for item in patch
    ):
        return [
            _stripped(item)
            for item in patch
            if not (isinstance(item, dict) and "$patch" in item)
        ]
    key = node.merge_key if node else ""
    if not key:
        return original + [item for item in patch if item not in original]
    merged = list(original)
    for item in patch:
        if not isinstance(item, dict) or key not in item:
            raise PatchError(f"map: {item} does not contain declared merge key: {key}")
        at = next((n for n, o in enumerate(merged) if o.get(key) == item[key]), None)
        if item.get("$patch") == "delete":
            if at is not None:
                del merged[at]
        elif at is None:
            merged.append(_merge_map({}, item, node.items if node else None))
        else:
            merged[at] = _merge_map(merged[at], item, node.items if node else None)
    return merged


def _ordered(items: list[Any], order: list[Any], node: Node | None) -> list[Any]:
    """Sort by the given order; what it doesn't name keeps its place behind."""
    key = node.merge_key if node else ""

    def identity(item: Any) -> Any:
        return item.get(key) if key and isinstance(item, dict) else item

    wanted = [identity(item) for item in order]
    named = [item for item in items if identity(item) in wanted]
    others = [item for item in items if identity(item) not in wanted]
    return sorted(named, key=lambda item: wanted.index(identity(item))) + others


def _stripped(value: Any) -> Any:
    """Drop nulls and directives from what has no counterpart to be merged with."""
    if isinstance(value, dict):
        return {
            key: _stripped(item)
            for key, item in value.items()
            if item is not None and not key.startswith("$")
        }
    if isinstance(value, list):
        return [_stripped(item) for item in value]
    return value
