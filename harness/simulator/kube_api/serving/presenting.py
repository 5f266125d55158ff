"""An object or a list in the form that the client asked for."""

from typing import Any

from aiohttp import web

from harness.simulator.kube_api.objects import Object
from harness.simulator.kube_api.serving import content, tables
from harness.simulator.kube_api.serving.call import Call
from harness.simulator.kube_api.serving.content import Form


def form_of(call: Call) -> Form:
    """Return what the client accepts; raise 406 where it can't be had."""
    return content.negotiate(call.request.headers.get("Accept", ""))


def present(call: Call, obj: Object, *, status: int = 200) -> web.Response:
    """Answer one object."""
    form = form_of(call)
    return content.respond(
        call.request,
        convert(call, obj, form),
        status=status,
        warnings=call.warnings,
        media_type=form.media_type,
    )


def present_list(
    call: Call, items: list[Object], metadata: dict[str, Any]
) -> web.Response:
    """Answer a list."""
    form = form_of(call)
    body: Object
    if form.convert_to == "Table":
        body = tables.table(call, items, metadata)
    elif form.convert_to:
        body = {
            "kind": "PartialObjectMetadataList",
            "apiVersion": "meta.k8s.io/v1",
            "metadata": metadata,
            "items": [_partial(obj) for obj in items] or None,  # so the real one
        }
    else:
        body = {
            "kind": f"{call.resource.kind}List",
            "apiVersion": call.resource.group_version,
            "metadata": metadata,
            # as in the real answers, items don't say what they are
            "items": [_without_type(obj) for obj in items],
        }
    return content.respond(
        call.request, body, warnings=call.warnings, media_type=form.media_type
    )


def convert(call: Call, obj: Object, form: Form, *, header: bool = True) -> Object:
    """Return an object as itself, a one-row Table, or its metadata alone.

    `header` says whether a Table defines its columns: in a watch, the first does.
    """
    if obj.get("kind") == "Status" or not form.convert_to:
        return obj
    if form.convert_to == "Table":
        version = obj["metadata"].get("resourceVersion", "")
        return tables.table(call, [obj], {"resourceVersion": version}, header=header)
    return _partial(obj)


def _partial(obj: Object) -> Object:
    return {
        "kind": "PartialObjectMetadata",
        "apiVersion": "meta.k8s.io/v1",
        "metadata": obj["metadata"],
    }


def _without_type(obj: Object) -> Object:
    return {k: v for k, v in obj.items() if k not in ("kind", "apiVersion")}
