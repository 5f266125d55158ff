"""RBAC as a pure function: `authorize(attributes, grants) -> Decision`.

Deny by default. Not modelled: the Node authorizer, webhooks, field and label selector
authorization, verbs on virtual resources (`use`, `bind`, `escalate` are plain verbs).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from harness.simulator.kube_api.auth.user import User
from harness.simulator.kube_api.request_info import RequestInfo

MASTERS = "system:masters"
Rule = dict[str, Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class Attributes:
    """What somebody wants to do; for a plain path only `verb` and `path` count."""

    user: User
    verb: str
    namespace: str = ""
    group: str = ""
    resource: str = ""
    subresource: str = ""
    name: str = ""
    path: str = ""

    @property
    def full_resource(self) -> str:
        """Return `pods/log`."""
        if self.subresource:
            return f"{self.resource}/{self.subresource}"
        return self.resource


@dataclass(frozen=True, kw_only=True, slots=True)
class Grant:
    """A role's rules, and the binding that gives them to the user."""

    rules: Sequence[Rule]
    by: str
    """`RoleBinding "b/ns" of Role "r" to ServiceAccount "sa/ns"`."""


@dataclass(frozen=True, slots=True)
class Decision:
    """The answer; `reason` says by which binding, or which role is missing."""

    allowed: bool
    reason: str = ""


def authorize(
    attributes: Attributes, grants: Iterable[Grant], *, missing: Sequence[str] = ()
) -> Decision:
    """Allow what a grant's rule covers.

    `missing` are the texts of bindings whose role doesn't exist; they become the
    reason of a denial, as in the real server.
    """
    if MASTERS in attributes.user.groups:
        return Decision(True)
    for grant in grants:
        if any(covers(rule, attributes) for rule in grant.rules):
            return Decision(True, f"RBAC: allowed by {grant.by}")
    if not missing:
        return Decision(False)
    text = missing[0] if len(missing) == 1 else f"[{', '.join(missing)}]"
    return Decision(False, f"RBAC: {text}")


def covers(rule: Rule, attributes: Attributes) -> bool:
    """Say whether one rule allows the attributes."""
    if not _has(rule.get("verbs"), attributes.verb):
        return False
    if attributes.path:
        return any(
            url in ("*", attributes.path)
            or (url.endswith("*") and attributes.path.startswith(url[:-1]))
            for url in rule.get("nonResourceURLs") or ()
        )
    return (
        _has(rule.get("apiGroups"), attributes.group)
        and _has_resource(rule.get("resources") or (), attributes)
        and _has_name(rule.get("resourceNames") or (), attributes.name)
    )


def denial(attributes: Attributes, reason: str) -> str:
    """Return the sentence of a 403: what the user cannot do, and where."""
    who = f'User "{attributes.user.name}" cannot {attributes.verb}'
    if attributes.path:
        text = f'{who} path "{attributes.path}"'
    else:
        where = (
            f'in the namespace "{attributes.namespace}"'
            if attributes.namespace
            else "at the cluster scope"
        )
        text = (
            f'{who} resource "{attributes.full_resource}" in API group '
            f'"{attributes.group}" {where}'
        )
    return f"{text}: {reason}" if reason else text


def of_request(user: User, info: RequestInfo) -> Attributes:
    """Return what a request asks for."""
    if not info.is_resource:
        return Attributes(user=user, verb=info.verb, path=info.path)
    return Attributes(
        user=user,
        verb=info.verb,
        namespace=info.namespace,
        group=info.group,
        resource=info.resource,
        subresource=info.subresource,
        name=info.name,
    )


def _has(values: Sequence[str] | None, wanted: str) -> bool:
    return values is not None and ("*" in values or wanted in values)


def _has_resource(resources: Sequence[str], attributes: Attributes) -> bool:
    wanted = attributes.full_resource
    for resource in resources:
        if resource in ("*", wanted):
            return True
        if resource.startswith("*/") and resource[2:] == attributes.subresource:
            return True
    return False


def _has_name(names: Sequence[str], wanted: str) -> bool:
    return not names or wanted in names
