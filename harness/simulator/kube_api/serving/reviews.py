"""Asking instead of trying: access reviews, rules, tokens, who am I."""

from typing import Any

from aiohttp import web

from harness.simulator.kube_api import errors
from harness.simulator.kube_api import field_errors as field
from harness.simulator.kube_api.auth.authorizer import Attributes, Decision
from harness.simulator.kube_api.auth.tokens import ISSUER
from harness.simulator.kube_api.auth.user import User
from harness.simulator.kube_api.field_errors import FieldError
from harness.simulator.kube_api.objects import Object
from harness.simulator.kube_api.serving import decode, presenting
from harness.simulator.kube_api.serving.call import Call


async def self_subject_access(call: Call) -> web.StreamResponse:
    """May I?"""
    review = await _decoded(call)
    spec = review.setdefault("spec", {})
    _check(call, _attribute_errors(spec))
    return _decided(call, review, call.user)


async def subject_access(call: Call) -> web.StreamResponse:
    """May they?"""
    review = await _decoded(call)
    spec = review.setdefault("spec", {})
    _check(call, _attribute_errors(spec) + _subject_errors(spec))
    return _decided(call, review, _subject(spec))


async def local_subject_access(call: Call) -> web.StreamResponse:
    """May they, in this namespace?"""
    review = await _decoded(call)
    spec = review.setdefault("spec", {})
    found = _attribute_errors(spec) + _subject_errors(spec)
    asked = (spec.get("resourceAttributes") or {}).get("namespace", "")
    if asked != call.namespace:
        text = "must match metadata.namespace"
        where = "spec.resourceAttributes.namespace"
        found.append(field.invalid(where, asked, text))
    if spec.get("nonResourceAttributes"):
        text = "disallowed on this kind of request"
        value = spec["nonResourceAttributes"]
        found.append(field.invalid("spec.nonResourceAttributes", value, text))
    _check(call, found)
    review["metadata"]["namespace"] = call.namespace
    return _decided(call, review, _subject(spec))


async def self_subject_rules(call: Call) -> web.StreamResponse:
    """What may I do here?"""
    review = await _decoded(call)
    namespace = (review.get("spec") or {}).get("namespace", "")
    if not namespace:
        raise errors.bad_request("no namespace on request")
    rules = call.cluster.rbac.rules(call.user, namespace)
    keys = ("verbs", "apiGroups", "resources", "resourceNames")
    review["status"] = {
        "resourceRules": [
            {key: rule[key] for key in keys if rule.get(key)}
            for rule in rules
            if rule.get("resources")
        ],
        "nonResourceRules": [
            {key: rule[key] for key in ("verbs", "nonResourceURLs")}
            for rule in rules
            if rule.get("nonResourceURLs")
        ],
        "incomplete": False,
    }
    return presenting.present(call, review, status=201)


async def self_subject(call: Call) -> web.StreamResponse:
    """Who am I?"""
    review = await _decoded(call)
    review["status"] = {"userInfo": call.user.as_json()}
    return presenting.present(call, review, status=201)


async def token_review(call: Call) -> web.StreamResponse:
    """Whose token is this?"""
    review = await _decoded(call)
    spec = review.setdefault("spec", {})
    token, audiences = spec.get("token", ""), spec.get("audiences") or [ISSUER]
    if not token:
        raise errors.bad_request("token is required for TokenReview in authentication")
    review["status"] = {"user": {}, "error": "[invalid bearer token]"}
    for audience in audiences:
        user = call.cluster.authenticator.token_user(token, audience=audience)
        if user is not None:
            review["status"] = {
                "authenticated": True,
                "user": user.as_json(),
                "audiences": [audience],
            }
            break
    return presenting.present(call, review, status=201)


async def _decoded(call: Call) -> Object:
    row = call.resource
    return await decode.body_of(
        call, group=row.group, version=row.version, kind=row.kind
    )


def _decided(call: Call, review: Object, user: User) -> web.Response:
    decision = call.cluster.rbac.decide(_attributes(review["spec"], user))
    review["status"] = _status(decision)
    return presenting.present(call, review, status=201)


def _status(decision: Decision) -> dict[str, Any]:
    status: dict[str, Any] = {"allowed": decision.allowed}
    if decision.reason:
        status["reason"] = decision.reason
    return status


def _attributes(spec: Object, user: User) -> Attributes:
    plain = spec.get("nonResourceAttributes")
    if plain:
        return Attributes(
            user=user, verb=plain.get("verb", ""), path=plain.get("path", "")
        )
    asked = spec["resourceAttributes"]
    return Attributes(
        user=user,
        verb=asked.get("verb", ""),
        namespace=asked.get("namespace", ""),
        group=asked.get("group", ""),
        resource=asked.get("resource", ""),
        subresource=asked.get("subresource", ""),
        name=asked.get("name", ""),
    )


def _subject(spec: Object) -> User:
    extra = {key: tuple(values) for key, values in (spec.get("extra") or {}).items()}
    return User(
        name=spec.get("user", ""),
        uid=spec.get("uid", ""),
        groups=tuple(spec.get("groups") or ()),
        extra=extra,
    )


def _attribute_errors(spec: Object) -> list[FieldError]:
    asked, plain = spec.get("resourceAttributes"), spec.get("nonResourceAttributes")
    if asked and plain:
        text = "cannot be specified in combination with resourceAttributes"
        return [field.invalid("spec.nonResourceAttributes", plain, text)]
    if not asked and not plain:
        text = (
            "exactly one of nonResourceAttributes or resourceAttributes must be "
            "specified"
        )
        return [field.invalid("spec.resourceAttributes", None, text)]
    return []


def _subject_errors(spec: Object) -> list[FieldError]:
    if spec.get("user") or spec.get("groups"):
        return []
    text = "at least one of user or group must be specified"
    return [field.invalid("spec.user", "", text)]


def _check(call: Call, found: list[FieldError]) -> None:
    if found:
        # the real server leaves the kind out
        raise errors.invalid(call.resource.group, "", "", found)
