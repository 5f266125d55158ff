"""What hangs below objects: account tokens, evictions, bindings."""

from typing import Any

from aiohttp import web

from harness.simulator.clock import rfc3339
from harness.simulator.kube_api import deleter, errors
from harness.simulator.kube_api import field_errors as field
from harness.simulator.kube_api.auth.tokens import ISSUER
from harness.simulator.kube_api.objects import (
    Object,
    is_deleting,
    meta,
    name_of,
    uid_of,
)
from harness.simulator.kube_api.serving import decode, presenting
from harness.simulator.kube_api.serving.call import Call
from harness.simulator.kube_api.writer import Caller

_DEFAULT_SECONDS = 3600
_LEAST_SECONDS, _MOST_SECONDS = 600, 1 << 32

_SUCCESS = {
    "kind": "Status",
    "apiVersion": "v1",
    "metadata": {},
    "status": "Success",
    "code": 201,
}


async def create_token(call: Call) -> web.StreamResponse:
    """Sign a token for a service account."""
    request = await decode.body_of(
        call, group="authentication.k8s.io", version="v1", kind="TokenRequest"
    )
    account = _object(call, "serviceaccounts")
    spec = request.setdefault("spec", {})
    seconds = spec.setdefault("expirationSeconds", _DEFAULT_SECONDS)
    found = []
    if seconds < _LEAST_SECONDS:
        text = "may not specify a duration less than 10 minutes"
        found.append(field.invalid("spec.expirationSeconds", seconds, text))
    elif seconds > _MOST_SECONDS:
        text = "may not specify a duration larger than 2^32 seconds"
        found.append(field.invalid("spec.expirationSeconds", seconds, text))
    if found:
        group = "authentication.k8s.io"
        raise errors.invalid(group, "TokenRequest", "", found)
    audiences = spec.get("audiences") or [ISSUER]
    spec["audiences"] = audiences
    spec.setdefault("boundObjectRef", None)
    token, expires = call.cluster.tokens.sign(
        account, audiences=audiences, seconds=seconds, bound=_bound(call, spec)
    )
    request["metadata"] = {
        "name": name_of(account),
        "namespace": call.namespace,
        "creationTimestamp": rfc3339(call.cluster.world.clock.now_ns()),
    }
    request["status"] = {
        "token": token,
        "expirationTimestamp": rfc3339(expires * 10**9),
    }
    return presenting.present(call, request, status=201)


async def evict(call: Call) -> web.StreamResponse:
    """Delete a pod as a drain does: it says that it was disrupted."""
    eviction = await decode.body_of(call, group="policy", version="v1", kind="Eviction")
    pod = _object(call, "pods")
    if name_of(eviction) not in ("", call.info.name):
        raise errors.bad_request(
            f"name in URL does not match name in Eviction object: {call.info.name!r}"
        )
    body: dict[str, Any] = eviction.get("deleteOptions") or {}
    dry = bool(body.get("dryRun")) or call.caller("CreateOptions").dry_run
    caller = Caller(user=call.user, dry_run=dry, warnings=call.warnings)
    ended = (pod.get("status") or {}).get("phase") in ("Succeeded", "Failed")
    if not dry and not ended and not is_deleting(pod):
        call.cluster.store.update("pods", _disrupted(call, pod))
    call.cluster.deleter.delete(
        call.resource,
        call.namespace,
        call.info.name,
        deleter.options_from(body),
        caller,
    )
    return presenting.present(call, dict(_SUCCESS), status=201)


async def bind(call: Call) -> web.StreamResponse:
    """Assign a pod to a node, as a scheduler does."""
    binding = await decode.body_of(call, group="", version="v1", kind="Binding")
    pod = _object(call, "pods")
    node = (binding.get("target") or {}).get("name", "")
    if not node:
        raise errors.invalid(
            "", "Binding", call.info.name, [field.required("target.name")]
        )
    if pod["spec"].get("nodeName"):
        raise errors.conflict(
            "",
            "pods/binding",
            call.info.name,
            f"pod {call.info.name} is already assigned to node "
            f'"{pod["spec"]["nodeName"]}"',
        )
    bound = {**pod, "spec": {**pod["spec"], "nodeName": node}}
    call.cluster.store.update("pods", bound)
    return presenting.present(call, dict(_SUCCESS), status=201)


def _object(call: Call, resource: str) -> Object:
    info = call.info
    found = call.cluster.store.get(resource, info.namespace, info.name)
    if found is None:
        raise errors.not_found("", resource, info.name)
    return found


def _bound(call: Call, spec: Object) -> Object | None:
    reference = spec.get("boundObjectRef")
    if not reference:
        return None
    resources = {"Pod": "pods", "Secret": "secrets"}
    resource = resources.get(reference.get("kind", ""))
    if resource is None:
        raise errors.bad_request(
            f"cannot bind token for serviceaccount "
            f'"{call.info.name}" to object of type {reference.get("kind")!r}'
        )
    name = reference.get("name", "")
    found = call.cluster.store.get(resource, call.namespace, name)
    if found is None:
        raise errors.not_found("", resource, name)
    uid = reference.get("uid")
    if uid and uid != uid_of(found):
        raise errors.conflict(
            "",
            "serviceaccounts/token",
            call.info.name,
            f"the UID in the bound object reference ({uid}) does not match the UID in "
            f"record. The object might have been deleted and then recreated",
        )
    return found


def _disrupted(call: Call, pod: Object) -> Object:
    status = pod.get("status") or {}
    now = rfc3339(call.cluster.world.clock.now_ns())
    condition = {
        "type": "DisruptionTarget",
        "observedGeneration": meta(pod).get("generation"),
        "status": "True",
        "lastProbeTime": None,
        "lastTransitionTime": now,
        "reason": "EvictionByEvictionAPI",
        "message": "Eviction API: evicting",
    }
    others = [
        c for c in status.get("conditions") or () if c["type"] != condition["type"]
    ]
    return {**pod, "status": {**status, "conditions": [*others, condition]}}
