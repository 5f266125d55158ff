"""delete and deletecollection."""

import dataclasses

from aiohttp import web

from harness.simulator.kube_api import deleter
from harness.simulator.kube_api.deleter import DeleteOptions
from harness.simulator.kube_api.errors import ApiError
from harness.simulator.kube_api.objects import name_of, namespace_of
from harness.simulator.kube_api.serving import content, presenting
from harness.simulator.kube_api.serving.call import Call, check_dry_run
from harness.simulator.kube_api.serving.listing import filter_of
from harness.simulator.kube_api.writer import Caller


async def delete(call: Call) -> web.StreamResponse:
    """Answer DELETE of one object: the object, or a `Status` when it is gone."""
    row, info = call.resource, call.info
    options, caller = await _options(call)
    obj, gone = call.cluster.deleter.delete(
        row, call.namespace, info.name, options, caller
    )
    obj = row.strategy.from_stored(obj)
    if gone and not row.returns_deleted:
        return presenting.present(call, deleter.gone(row, obj))
    return presenting.present(call, obj)


async def delete_collection(call: Call) -> web.StreamResponse:
    """Answer DELETE of a collection with the list of what it deleted."""
    row = call.resource
    chosen = filter_of(call)
    options, caller = await _options(call)
    items = []
    for obj in call.cluster.store.all(row.key, call.namespace):
        if not chosen.takes(obj):
            continue
        try:
            deleted, _ = call.cluster.deleter.delete(
                row, namespace_of(obj), name_of(obj), options, caller
            )
        except ApiError as problem:
            if problem.code != 404:
                raise
            continue
        items.append(row.strategy.from_stored(deleted))
    metadata = {"resourceVersion": str(call.cluster.store.revision)}
    return presenting.present_list(call, items, metadata)


async def _options(call: Call) -> tuple[DeleteOptions, Caller]:
    """Read DeleteOptions from the body, or from the query where there is none."""
    raw = await call.request.read()
    caller = call.caller("DeleteOptions")
    if not raw:
        orphan = call.query.get("orphanDependents")
        options = DeleteOptions(
            grace_seconds=call.integer("gracePeriodSeconds"),
            propagation=call.query.get("propagationPolicy") or None,
            orphan_dependents=None if orphan is None else orphan != "false",
        )
        return options, caller
    body = content.parse_body(
        raw, call.request.headers.get("Content-Type", ""), "DeleteOptions"
    )
    values = body.get("dryRun") or []
    check_dry_run(values, "DeleteOptions")
    caller = dataclasses.replace(caller, dry_run=caller.dry_run or bool(values))
    return deleter.options_from(body), caller
