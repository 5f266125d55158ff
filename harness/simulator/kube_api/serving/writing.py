"""create, update and patch, of objects and of their status."""

import json
from typing import Any

from aiohttp import web

from harness.simulator.kube_api import errors, patching, schema
from harness.simulator.kube_api import field_errors as field
from harness.simulator.kube_api.auth import escalation
from harness.simulator.kube_api.errors import ApiError, NotModelled
from harness.simulator.kube_api.objects import Object, copy_json, name_of
from harness.simulator.kube_api.resources import kind_key
from harness.simulator.kube_api.serving import decode, presenting
from harness.simulator.kube_api.serving.call import Call


async def create(call: Call) -> web.StreamResponse:
    """Answer POST to a collection."""
    row = call.resource
    presenting.form_of(call)
    caller = call.caller("CreateOptions")
    obj = await _decoded(call)
    escalation.check(call.cluster.rbac, call.user, row, obj, call.namespace)
    stored = row.strategy.to_stored(obj)
    created = call.cluster.writer.create(row, call.namespace, stored, caller)
    return presenting.present(call, row.strategy.from_stored(created), status=201)


async def update(call: Call) -> web.StreamResponse:
    """Answer PUT to an object or its status."""
    row, info = call.resource, call.info
    presenting.form_of(call)
    caller = call.caller("UpdateOptions")
    obj = await _decoded(call)
    if not name_of(obj):
        raise errors.bad_request(
            f"the name of the object ({info.name} based on URL) was undeterminable: "
            "name must be provided"
        )
    escalation.check(call.cluster.rbac, call.user, row, obj, call.namespace)
    stored = row.strategy.to_stored(obj)
    written, created = call.cluster.writer.update(
        row,
        call.namespace,
        info.name,
        lambda _old: stored,
        caller,
        subresource=info.subresource,
    )
    shown = row.strategy.from_stored(written)
    return presenting.present(call, shown, status=201 if created else 200)


async def patch(call: Call) -> web.StreamResponse:
    """Answer PATCH to an object or its status."""
    row, info = call.resource, call.info
    presenting.form_of(call)
    caller = call.caller("PatchOptions")
    media_type = _patch_type(call)
    if media_type in patching.APPLY_PATCHES:  # which would create what isn't there
        raise NotModelled("server-side apply", "patching.py")
    body = _parse_patch(await call.request.read())
    node = schema.of_kind(kind_key(row.group, row.version, row.kind))
    if call.query.get("force") is not None:
        text = "may not be specified for non-apply patch"
        raise errors.invalid(
            "meta.k8s.io", "PatchOptions", "", [field.forbidden("force", text)]
        )

    def change(old: Object) -> Object:
        if not old:
            raise errors.not_found(row.group, row.plural, info.name)
        seen = row.strategy.from_stored(old)
        patched = patching.apply(copy_json(seen), body, media_type, node)
        obj = decode.to_object(
            call, patched, group=row.group, version=row.version, kind=row.kind
        )
        escalation.check(call.cluster.rbac, call.user, row, obj, call.namespace)
        return row.strategy.to_stored(obj)

    written, _ = call.cluster.writer.update(
        row, call.namespace, info.name, change, caller, subresource=info.subresource
    )
    return presenting.present(call, row.strategy.from_stored(written))


async def _decoded(call: Call) -> Object:
    row = call.resource
    return await decode.body_of(
        call, group=row.group, version=row.version, kind=row.kind
    )


def _patch_type(call: Call) -> str:
    header = call.request.headers.get("Content-Type", "")
    media_type = header.partition(";")[0].strip()
    if media_type not in patching.ACCEPTED:
        raise ApiError(
            415,
            "UnsupportedMediaType",
            "415: Unsupported Media Type",
            details={},
        )
    return media_type


def _parse_patch(raw: bytes) -> Any:
    try:
        return json.loads(raw)
    except ValueError as problem:
        raise errors.bad_request(f"error decoding patch: {problem}") from None


async def finalize(call: Call) -> web.StreamResponse:
    """Answer PUT to namespaces/finalize: set the namespace's own finalizers."""
    obj = await _decoded(call)
    store = call.cluster.store
    old = store.get("namespaces", "", call.info.name)
    if old is None:
        raise errors.not_found("", "namespaces", call.info.name)
    new = {**old, "spec": obj.get("spec") or {}}
    return presenting.present(call, store.update("namespaces", new))
