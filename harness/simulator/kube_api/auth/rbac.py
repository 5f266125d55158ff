"""Reads Roles and bindings from the store and asks the authorizer."""

from collections.abc import Iterable, Iterator

from harness.simulator.kube_api.auth import authorizer
from harness.simulator.kube_api.auth.authorizer import (
    Attributes,
    Decision,
    Grant,
    Rule,
)
from harness.simulator.kube_api.auth.user import User, split_service_account
from harness.simulator.kube_api.errors import ApiError, forbidden
from harness.simulator.kube_api.objects import Object, name_of, namespace_of
from harness.simulator.kube_api.store import Store

_GROUP = "rbac.authorization.k8s.io"


class Rbac:
    """Authorizes against the objects that are in the store at the moment."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def decide(self, attributes: Attributes) -> Decision:
        """Return the decision for one attempt."""
        missing: list[str] = []
        grants = self._grants(attributes.user, attributes.namespace, missing)
        return authorizer.authorize(attributes, grants, missing=missing)

    def check(self, attributes: Attributes) -> None:
        """Raise the real server's 403 unless allowed."""
        decision = self.decide(attributes)
        if not decision.allowed:
            raise denied(attributes, decision.reason)

    def rules(self, user: User, namespace: str) -> list[Rule]:
        """Return every rule that holds for a user in a namespace."""
        missing: list[str] = []
        return [
            rule
            for grant in self._grants(user, namespace, missing)
            for rule in grant.rules
        ]

    def role_rules(self, ref: Object, namespace: str) -> list[Rule] | None:
        """Return the rules of a roleRef; None where the role doesn't exist."""
        if ref["kind"] == "ClusterRole":
            role = self._store.get(f"clusterroles.{_GROUP}", "", ref["name"])
        else:
            role = self._store.get(f"roles.{_GROUP}", namespace, ref["name"])
        return None if role is None else list(role.get("rules") or ())

    def _grants(
        self, user: User, namespace: str, missing: list[str]
    ) -> Iterator[Grant]:
        bindings = self._store.all(f"clusterrolebindings.{_GROUP}")
        yield from self._from(bindings, user, missing)
        if namespace:
            bindings = self._store.all(f"rolebindings.{_GROUP}", namespace)
            yield from self._from(bindings, user, missing)

    def _from(
        self, bindings: Iterable[Object], user: User, missing: list[str]
    ) -> Iterator[Grant]:
        for binding in bindings:
            subject = _subject_of(binding, user)
            if subject is None:
                continue
            ref, namespace = binding["roleRef"], namespace_of(binding)
            rules = self.role_rules(ref, namespace)
            if rules is None:
                kind = ref["kind"].lower()
                missing.append(f'{kind}.{_GROUP} "{ref["name"]}" not found')
                continue
            name = name_of(binding)
            if namespace:
                name = f"{name}/{namespace}"
            yield Grant(
                rules=rules,
                by=f'{binding["kind"]} "{name}" of {ref["kind"]} "{ref["name"]}" '
                f"to {_shown(subject)}",
            )


def denied(attributes: Attributes, reason: str) -> ApiError:
    """Return the 403 of a denial, with the details that clients read."""
    denial = forbidden(
        attributes.group,
        attributes.resource,
        attributes.name,
        authorizer.denial(attributes, reason),
    )
    denial.headers["X-Content-Type-Options"] = "nosniff"
    return denial


def _subject_of(binding: Object, user: User) -> Object | None:
    account = split_service_account(user.name)
    for subject in binding.get("subjects") or ():
        kind, name = subject["kind"], subject["name"]
        if kind == "User" and name == user.name:
            return dict(subject)
        if kind == "Group" and name in user.groups:
            return dict(subject)
        if kind == "ServiceAccount" and account is not None:
            home = subject.get("namespace") or namespace_of(binding)
            if account == (home, name):
                return {**subject, "namespace": home}
    return None


def _shown(subject: Object) -> str:
    if subject["kind"] == "ServiceAccount":
        return f'ServiceAccount "{subject["name"]}/{subject["namespace"]}"'
    return f'{subject["kind"]} "{subject["name"]}"'
