"""`meta.k8s.io/v1 Table`: what `kubectl get` prints."""

from typing import Any

from harness.simulator.clock import as_datetime
from harness.simulator.kube_api.objects import Object
from harness.simulator.kube_api.serving.call import Call
from harness.simulator.kube_api.serving.columns import columns_of


def table(
    call: Call, items: list[Object], metadata: dict[str, Any], *, header: bool = True
) -> Object:
    """Return a Table of the items; without `header` it defines no columns."""
    columns = columns_of(call.resource.kind)
    now = as_datetime(call.cluster.world.clock.now_ns())
    include = call.query.get("includeObject", "Metadata")
    rows = []
    for obj in items:
        row: dict[str, Any] = {"cells": [column.cell(obj, now) for column in columns]}
        if include == "Object":
            row["object"] = obj
        elif include != "None":
            row["object"] = {
                "kind": "PartialObjectMetadata",
                "apiVersion": "meta.k8s.io/v1",
                "metadata": obj["metadata"],
            }
        rows.append(row)
    definitions = [column.definition() for column in columns] if header else None
    return {
        "kind": "Table",
        "apiVersion": "meta.k8s.io/v1",
        "metadata": metadata,
        "columnDefinitions": definitions,
        "rows": rows,
    }
