"""Nobody grants what they don't have: the check on writing Roles and bindings."""

import itertools
import json
from collections.abc import Iterator, Sequence

from harness.simulator.kube_api import errors
from harness.simulator.kube_api.auth.authorizer import MASTERS, Attributes, Rule
from harness.simulator.kube_api.auth.rbac import Rbac
from harness.simulator.kube_api.auth.user import User
from harness.simulator.kube_api.errors import ApiError
from harness.simulator.kube_api.objects import Object, name_of
from harness.simulator.kube_api.resources import Resource

_GROUP = "rbac.authorization.k8s.io"
_ROLES = {"ClusterRole": "clusterroles", "Role": "roles"}


def check(rbac: Rbac, user: User, row: Resource, obj: Object, namespace: str) -> None:
    """Raise where a role or binding gives more than the user has."""
    if row.group != _GROUP or MASTERS in user.groups:
        return
    if row.plural in _ROLES.values():
        if not _may(rbac, user, "escalate", row.plural, name_of(obj), namespace):
            rules = obj.get("rules") or []
            _check_covered(rbac, user, row, name_of(obj), namespace, rules)
        return
    reference = obj.get("roleRef") or {}
    plural = _ROLES.get(reference.get("kind", ""))
    if plural is None:
        kind = reference.get("kind", "")
        raise ApiError(500, "", f'unsupported role reference kind: "{kind}"')
    if _may(rbac, user, "bind", plural, reference.get("name", ""), namespace):
        return
    granted = rbac.role_rules(reference, namespace)
    if granted is None:
        raise errors.not_found(_GROUP, plural, reference.get("name", ""))
    _check_covered(rbac, user, row, name_of(obj), namespace, granted)


def _may(
    rbac: Rbac, user: User, verb: str, plural: str, name: str, namespace: str
) -> bool:
    attempt = Attributes(
        user=user,
        verb=verb,
        namespace=namespace,
        group=_GROUP,
        resource=plural,
        name=name,
    )
    return rbac.decide(attempt).allowed


def _check_covered(
    rbac: Rbac,
    user: User,
    row: Resource,
    name: str,
    namespace: str,
    rules: Sequence[Rule],
) -> None:
    own = rbac.rules(user, namespace)
    missing = [
        single
        for rule in rules
        for single in _singles(rule)
        if not any(_covers(held, single) for held in own)
    ]
    if not missing:
        return
    groups = " ".join(json.dumps(group) for group in user.groups)
    raise errors.forbidden(
        row.group,
        row.plural,
        name,
        f'user "{user.name}" (groups=[{groups}]) is attempting to grant RBAC '
        f"permissions not currently held:\n{_listed(missing)}",
    )


def _singles(rule: Rule) -> Iterator[Rule]:
    """Break a rule down into rules of one group, resource, name and verb each."""
    verbs = rule.get("verbs") or ()
    for url, verb in itertools.product(rule.get("nonResourceURLs") or (), verbs):
        yield {"nonResourceURLs": [url], "verbs": [verb]}
    for group, resource, verb in itertools.product(
        rule.get("apiGroups") or (), rule.get("resources") or (), verbs
    ):
        single = {"apiGroups": [group], "resources": [resource], "verbs": [verb]}
        names = rule.get("resourceNames") or ()
        for name in names:
            yield {**single, "resourceNames": [name]}
        if not names:
            yield single


def _covers(held: Rule, single: Rule) -> bool:
    if not _all_in(held.get("verbs"), single["verbs"]):
        return False
    if "nonResourceURLs" in single:
        wanted = single["nonResourceURLs"][0]
        return any(
            url in ("*", wanted) or (url.endswith("*") and wanted.startswith(url[:-1]))
            for url in held.get("nonResourceURLs") or ()
        )
    resource = single["resources"][0]
    accepted = {resource, "*"}
    if "/" in resource:
        accepted.add(f"*/{resource.partition('/')[2]}")
    if not _all_in(held.get("apiGroups"), single["apiGroups"]):
        return False
    if not accepted & set(held.get("resources") or ()):
        return False
    names = held.get("resourceNames")
    return not names or _all_in(names, single.get("resourceNames") or [""])


def _all_in(held: Sequence[str] | None, wanted: Sequence[str]) -> bool:
    return held is not None and ("*" in held or set(wanted) <= set(held))


def _listed(missing: Sequence[Rule]) -> str:
    """Return the missing rules, those that differ in their verb alone as one."""
    merged: dict[str, Rule] = {}
    for single in missing:
        key = json.dumps({k: v for k, v in single.items() if k != "verbs"})
        rule = merged.setdefault(key, {**single, "verbs": []})
        rule["verbs"] += [v for v in single["verbs"] if v not in rule["verbs"]]
    titles = {
        "apiGroups": "APIGroups",
        "resources": "Resources",
        "nonResourceURLs": "NonResourceURLs",
        "resourceNames": "ResourceNames",
        "verbs": "Verbs",
    }
    texts = []
    for rule in merged.values():
        parts = [
            f"{title}:[{' '.join(json.dumps(value) for value in rule[key])}]"
            for key, title in titles.items()
            if rule.get(key)
        ]
        texts.append(f"{{{', '.join(parts)}}}")
    return "\n".join(sorted(texts))
