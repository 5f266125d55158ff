"""Impersonate-* headers: acting as somebody else, where RBAC allows it."""

from collections.abc import Mapping
from urllib.parse import unquote

from harness.simulator.kube_api.auth.authorizer import Attributes
from harness.simulator.kube_api.auth.rbac import Rbac
from harness.simulator.kube_api.auth.user import (
    AUTHENTICATED,
    UNAUTHENTICATED,
    User,
    service_account_groups,
    split_service_account,
)
from harness.simulator.kube_api.errors import internal

_EXTRA = "impersonate-extra-"
_AUTHENTICATION = "authentication.k8s.io"


def impersonate(headers: "list[tuple[str, str]]", user: User, rbac: Rbac) -> User:
    """Return whom the request acts as; raise 403 where the user may not.

    `headers` are all (name, value) pairs of the request.
    """
    wanted = [
        (k.lower(), v) for k, v in headers if k.lower().startswith("impersonate-")
    ]
    if not wanted:
        return user
    name = next((v for k, v in wanted if k == "impersonate-user"), "")
    groups = tuple(v for k, v in wanted if k == "impersonate-group")
    uid = next((v for k, v in wanted if k == "impersonate-uid"), "")
    extra: dict[str, tuple[str, ...]] = {}
    for key, value in wanted:
        if key.startswith(_EXTRA):
            short = unquote(key[len(_EXTRA) :])
            extra[short] = (*extra.get(short, ()), value)
    if not name:
        raise internal(
            f"requested {_listed(groups, uid, extra)} without impersonating a user"
        )
    _check(rbac, user, name=name, groups=groups, uid=uid, extra=extra)
    account = split_service_account(name)
    if account is not None and not groups:
        groups = service_account_groups(account[0])
    if AUTHENTICATED not in groups and UNAUTHENTICATED not in groups:
        groups = (*groups, AUTHENTICATED)
    return User(name=name, uid=uid, groups=groups, extra=extra)


def _check(
    rbac: Rbac,
    user: User,
    *,
    name: str,
    groups: tuple[str, ...],
    uid: str,
    extra: Mapping[str, tuple[str, ...]],
) -> None:
    account = split_service_account(name)
    if account is not None:
        resource, namespace, target = "serviceaccounts", account[0], account[1]
    else:
        resource, namespace, target = "users", "", name
    rbac.check(_attempt(user, resource, target, namespace=namespace))
    for group in groups:
        rbac.check(_attempt(user, "groups", group))
    for key, values in extra.items():
        for value in values:
            rbac.check(
                _attempt(
                    user, "userextras", value, group=_AUTHENTICATION, subresource=key
                )
            )
    if uid:
        rbac.check(_attempt(user, "uids", uid, group=_AUTHENTICATION))


def _attempt(
    user: User,
    resource: str,
    name: str,
    *,
    group: str = "",
    namespace: str = "",
    subresource: str = "",
) -> Attributes:
    return Attributes(
        user=user,
        verb="impersonate",
        namespace=namespace,
        group=group,
        resource=resource,
        subresource=subresource,
        name=name,
    )


def _listed(
    groups: tuple[str, ...], uid: str, extra: Mapping[str, tuple[str, ...]]
) -> str:
    shown = [f"{{Group    {group}       {{}}}}" for group in groups]
    shown += [f"{{UID    {uid}       {{}}}}"] if uid else []
    shown += [f"{{UserExtra    {key}       {{}}}}" for key in extra]
    return f"[{' '.join(shown)}]"
