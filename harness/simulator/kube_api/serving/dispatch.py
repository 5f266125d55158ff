"""What answers what: authentication, authorization, then one row of a table."""

import logging
from collections.abc import Awaitable, Callable, Mapping

from aiohttp import web

from harness.simulator import MARKER_HEADER
from harness.simulator.kube_api import errors, recorded, request_info, resources
from harness.simulator.kube_api.auth import authorizer
from harness.simulator.kube_api.auth.impersonation import impersonate
from harness.simulator.kube_api.auth.user import User
from harness.simulator.kube_api.cluster import Cluster
from harness.simulator.kube_api.errors import ApiError, NotModelled
from harness.simulator.kube_api.request_info import RequestInfo
from harness.simulator.kube_api.resources import Resource
from harness.simulator.kube_api.serving import (
    content,
    deleting,
    discovery,
    listing,
    openapi,
    pod_log,
    reviews,
    subresources,
    watching,
    writing,
)
from harness.simulator.kube_api.serving.call import Call

Handler = Callable[[Call], Awaitable[web.StreamResponse]]
_log = logging.getLogger(__name__)

VERBS: Mapping[str, Handler] = {
    "get": listing.get,
    "list": listing.list_,
    "watch": watching.watch,
    "create": writing.create,
    "update": writing.update,
    "patch": writing.patch,
    "delete": deleting.delete,
    "deletecollection": deleting.delete_collection,
}
SPECIAL: Mapping[tuple[str, str], Handler] = {
    ("pods/log", "get"): pod_log.read,
    ("pods/eviction", "create"): subresources.evict,
    ("pods/binding", "create"): subresources.bind,
    ("serviceaccounts/token", "create"): subresources.create_token,
    ("namespaces/finalize", "update"): writing.finalize,
    ("selfsubjectaccessreviews", "create"): reviews.self_subject_access,
    ("subjectaccessreviews", "create"): reviews.subject_access,
    ("localsubjectaccessreviews", "create"): reviews.local_subject_access,
    ("selfsubjectrulesreviews", "create"): reviews.self_subject_rules,
    ("selfsubjectreviews", "create"): reviews.self_subject,
    ("tokenreviews", "create"): reviews.token_review,
}
_HEALTH = ("healthz", "livez", "readyz")


async def dispatch(cluster: Cluster, request: web.Request) -> web.StreamResponse:
    """Answer one request; every failure becomes the real server's `Status`."""
    try:
        return await _answer(cluster, request)
    except NotModelled as gap:
        _record(cluster, request, gap.message)
        answer = content.respond(request, gap.status(), status=gap.code)
        answer.headers[MARKER_HEADER] = "gap"
        return answer
    except ApiError as problem:
        return content.respond(
            request,
            problem.status(),
            status=problem.code,
            warnings=problem.warnings,
            headers=problem.headers,
        )
    except web.HTTPRequestEntityTooLarge:
        text = f"Request entity too large: limit is {content.MAX_BODY}"
        body = ApiError(413, "RequestEntityTooLarge", text).status()
        return content.respond(request, body, status=413)
    except Exception as fault:
        _log.exception("%s %s", request.method, request.path_qs)
        text = f"the simulator failed: {fault!r}"
        _record(cluster, request, text)
        answer = content.respond(request, errors.internal(text).status(), status=500)
        answer.headers[MARKER_HEADER] = "gap"
        return answer


async def _answer(cluster: Cluster, request: web.Request) -> web.StreamResponse:
    user = cluster.authenticator.authenticate(request.headers.get("Authorization"))
    user = impersonate(list(request.headers.items()), user, cluster.rbac)
    info = request_info.parse(request.method, request.rel_url.raw_path, request.query)
    cluster.rbac.check(authorizer.of_request(user, info))
    if not info.is_resource:
        return _plain_path(request)
    return await _resource(cluster, request, info, user)


def _plain_path(request: web.Request) -> web.StreamResponse:
    if request.path.strip("/").split("/")[0] in _HEALTH:
        return content.plain("ok", 200)
    answer = discovery.answer(request) or openapi.answer(request)
    if answer is None:
        return content.plain("404 page not found\n", 404)
    if request.method not in ("GET", "HEAD"):
        raise errors.method_not_allowed()
    return answer


async def _resource(
    cluster: Cluster, request: web.Request, info: RequestInfo, user: User
) -> web.StreamResponse:
    row = resources.find(info.group, info.version, info.resource)
    sub = row.subresource(info.subresource) if row else None
    if row is None or (info.subresource and sub is None):
        return _unknown(info)
    verbs = sub.verbs if sub else row.verbs
    if info.verb not in verbs:
        raise errors.method_not_allowed()
    if not _is_complete(info, row):
        raise errors.method_not_allowed()
    handler = SPECIAL.get((info.full_resource, info.verb)) or VERBS[info.verb]
    call = Call(request=request, cluster=cluster, info=info, user=user, resource=row)
    try:
        return await handler(call)
    except ApiError as problem:
        problem.warnings = call.warnings
        raise


def _is_complete(info: RequestInfo, row: Resource) -> bool:
    """Say whether the path has the namespace and name that the verb needs."""
    if row.namespaced and not info.namespace and info.verb not in ("list", "watch"):
        return False
    if info.verb in ("get", "update", "patch", "delete"):
        return bool(info.name)
    return info.verb != "create" or not info.name or bool(info.subresource)


def _unknown(info: RequestInfo) -> web.StreamResponse:
    """Refuse what the real server has, and answer as it does for what it hasn't."""
    groups = {name.rpartition("/")[0] for name in recorded.resource_names()}
    if info.group not in groups:
        return content.plain("404 page not found\n", 404)
    there = recorded.resource_names().get(info.group_version, frozenset())
    if info.full_resource not in there:
        raise errors.no_such_path()
    raise NotModelled(f"{info.full_resource} of {info.group_version}", "resources.py")


def _record(cluster: Cluster, request: web.Request, message: str) -> None:
    cluster.world.gaps.record(
        "kubernetes",
        request.method,
        request.path_qs,
        user_agent=request.headers.get("User-Agent", ""),
        message=message,
    )
