"""Who a request comes from."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

AUTHENTICATED = "system:authenticated"
UNAUTHENTICATED = "system:unauthenticated"
_PREFIX = "system:serviceaccount:"


@dataclass(frozen=True, kw_only=True, slots=True)
class User:
    """A user as authorizer and admission see one."""

    name: str
    uid: str = ""
    groups: tuple[str, ...] = ()
    extra: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """Return `authentication.k8s.io/v1 UserInfo`."""
        info: dict[str, Any] = {"username": self.name}
        if self.uid:
            info["uid"] = self.uid
        if self.groups:
            info["groups"] = list(self.groups)
        if self.extra:
            info["extra"] = {key: list(values) for key, values in self.extra.items()}
        return info


ADMIN = User(name="kubernetes-admin", groups=("kubeadm:cluster-admins", AUTHENTICATED))
ANONYMOUS = User(name="system:anonymous", groups=(UNAUTHENTICATED,))


def system(component: str) -> User:
    """Return the user that a part of the control plane acts as."""
    return User(
        name=f"system:serviceaccount:kube-system:{component}",
        groups=("system:masters", AUTHENTICATED),
    )


def service_account_name(namespace: str, name: str) -> str:
    """Return `system:serviceaccount:<namespace>:<name>`."""
    return f"{_PREFIX}{namespace}:{name}"


def service_account_groups(namespace: str) -> tuple[str, ...]:
    """Return the groups that every account of a namespace is in."""
    return (
        "system:serviceaccounts",
        f"system:serviceaccounts:{namespace}",
        AUTHENTICATED,
    )


def split_service_account(user_name: str) -> tuple[str, str] | None:
    """Return (namespace, name) of a service account's user name, else None."""
    if not user_name.startswith(_PREFIX):
        return None
    namespace, _, name = user_name[len(_PREFIX) :].partition(":")
    return (namespace, name) if namespace and name and ":" not in name else None
