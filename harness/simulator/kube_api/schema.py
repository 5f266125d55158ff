"""The field tree of every kind, read from what a real server recorded.

A node is an OpenAPI v3 schema without prose; `Node` is a thin view on it.
"""

import functools
from collections.abc import Iterator, Mapping
from typing import Any

from harness.simulator.kube_api import recorded

_META = "io.k8s.apimachinery.pkg.apis.meta.v1."
_SCALARS = {
    _META + "Time": "time",
    _META + "MicroTime": "microtime",
    "io.k8s.apimachinery.pkg.api.resource.Quantity": "quantity",
    "io.k8s.apimachinery.pkg.util.intstr.IntOrString": "int-or-string",
}
_GO_NUMBERS = {
    "integer": {"int32": "int32", "int64": "int64"},
    "number": {"double": "float64"},
}


class Node:
    """One place in a kind's field tree: an object, a map, an array or a scalar."""

    def __init__(self, raw: Mapping[str, Any]) -> None:
        self._raw = raw
        ref = raw.get("$ref", "")
        self.name: str = ref.rsplit("/", 1)[-1] if ref else ""
        """The definition's name where it is a named type."""
        self._own: Mapping[str, Any] = (
            recorded.schema()["definitions"][self.name] if ref else raw
        )

    @functools.cached_property
    def properties(self) -> dict[str, "Node"]:
        """The fields of a struct; {} for anything else."""
        found = self._own.get("properties") or {}
        return {name: Node(raw) for name, raw in found.items()}

    @functools.cached_property
    def items(self) -> "Node | None":
        """What an array holds."""
        raw = self._own.get("items")
        return Node(raw) if raw is not None else None

    @functools.cached_property
    def values(self) -> "Node | None":
        """What a map holds."""
        raw = self._own.get("additionalProperties")
        return Node(raw) if isinstance(raw, dict) else None

    @property
    def scalar(self) -> str:
        """Which kind of scalar: string, bytes, integer, number, boolean, time …

        "" for objects, maps and arrays; "any" for free-form JSON.
        """
        if self.name in _SCALARS:
            return _SCALARS[self.name]
        kind = str(self._own.get("type", ""))
        if kind == "string":
            return "bytes" if self._own.get("format") == "byte" else "string"
        if kind in ("integer", "number", "boolean"):
            return kind
        if kind == "array" or self.properties or self.values:
            return ""
        # a struct that happens to have no fields is no free-form JSON
        return "" if self.name and not self.name.endswith("FieldsV1") else "any"

    @property
    def required(self) -> frozenset[str]:
        """Names of the fields that are always written."""
        return frozenset(self._own.get("required") or ())

    @property
    def struct(self) -> str:
        """The Go name of the type: `JobSpec`; "" where it is no struct."""
        return self.name.rsplit(".", 1)[-1]

    @property
    def is_map(self) -> bool:
        """Say whether any key is allowed."""
        return self.values is not None

    @property
    def merge_key(self) -> str:
        """The key by which a strategic merge patch finds an array's elements."""
        return str(self._raw.get("x-kubernetes-patch-merge-key", ""))

    @property
    def merge_strategies(self) -> frozenset[str]:
        """The patch strategies: merge, replace, retainKeys."""
        text = str(self._raw.get("x-kubernetes-patch-strategy", ""))
        return frozenset(text.split(",")) - {""}

    @property
    def go_type(self) -> str:
        """The Go type as decode errors name it: `[]v1.EnvVar`, `map[string]string`."""
        if self.items is not None:
            return f"[]{self.items.go_type}"
        if self.values is not None:
            return f"map[string]{self.values.go_type}"
        if self.struct:
            return f"v1.{self.struct}"
        kind = str(self._own.get("type", ""))
        if kind in _GO_NUMBERS:
            return _GO_NUMBERS[kind].get(str(self._own.get("format")), kind)
        return {"boolean": "bool"}.get(kind, kind)

    def walk(self) -> Iterator["Node"]:
        """Yield the struct's fields."""
        return iter(self.properties.values())


@functools.cache
def of_kind(kind_key: str) -> Node:
    """Return the root of a kind, `v1/Pod` or `batch/v1/Job`; KeyError if unknown."""
    return of_definition(recorded.schema()["kinds"][kind_key])


@functools.cache
def of_definition(name: str) -> Node:
    """Return a definition, `io.k8s.api.core.v1.PodSpec`."""
    return Node({"$ref": f"#/components/schemas/{name}"})
